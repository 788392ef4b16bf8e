/**
 * SB2040: an enabled entry that no request ever selects, or that selects it when the answer is already
 * made. Follows the gateway's own choice of entries (`gateway/chain.ts`).
 */
import type { PluginEntity } from '../../config/types.ts';
import { AUTHENTICATION } from '../credentials.ts';
import { calledPlugin } from '../names.ts';
import { settingOf } from '../plugin-view.ts';
import { at, type Finding, type Place, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

export const pluginNeverRuns: Rule = {
  code: 'SB2040',
  check(view) {
    const usage = readUsage(view);
    return view.plugins.enabled.flatMap((entry): readonly Finding[] => {
      const reason = reasonFor(entry, usage, view);
      if (reason === undefined) return [];
      const { why, help, because } = reason;
      return [
        {
          message: `${calledPlugin(entry)} never runs here: ${why}`,
          help,
          at: at(entry, 'name'),
          ...(because !== undefined && {
            related: [{ message: because.message, at: because.place }],
          }),
        },
      ];
    });
  },
};

interface Reason {
  readonly why: string;
  readonly help: string;
  readonly because?: { readonly message: string; readonly place: Place };
}

/** What the routes make of the entries. */
interface Usage {
  /** Ids of entries that at least one route selects. */
  readonly selected: ReadonlySet<string>;
  /** Entry → an entry that has answered before it on every route that selects it. */
  readonly answered: ReadonlyMap<string, PluginEntity>;
  /** The highest priority of an authentication plugin on any route. */
  readonly firstAuthentication: number | undefined;
}

function readUsage({ routes, plugins }: LintView): Usage {
  const selected = new Set<string>();
  const reached = new Set<string>();
  const answered = new Map<string, PluginEntity>();
  let firstAuthentication: number | undefined;
  for (const route of routes) {
    let answerer: PluginEntity | undefined;
    for (const entry of plugins.ofRoute(route)) {
      selected.add(entry.id);
      if (answerer === undefined) reached.add(entry.id);
      else answered.set(entry.id, answerer);
      if (answerer === undefined && alwaysAnswers(entry)) answerer = entry;
      if (AUTHENTICATION.has(entry.name)) {
        const priority = plugins.priority(entry.name);
        firstAuthentication = Math.max(firstAuthentication ?? priority, priority);
      }
    }
  }
  for (const id of reached) answered.delete(id);
  return { selected, answered, firstAuthentication };
}

/** Every request ends there, whatever it holds. */
const alwaysAnswers = (entry: PluginEntity): boolean =>
  (entry.name === 'request-termination' && settingOf(entry, 'trigger') === null) ||
  entry.name === 'redirect' ||
  entry.name === 'aws-lambda' ||
  entry.name === 'azure-functions';

/** Plugins without a part in the answer: one that is made before them leaves them nothing to do. */
const REQUEST_ONLY: ReadonlySet<string> = new Set([
  ...AUTHENTICATION,
  'acl',
  'bot-detection',
  'ip-restriction',
  'proxy-cache',
  'redirect',
  'request-size-limiting',
  'request-termination',
  'request-transformer',
]);

function reasonFor(entry: PluginEntity, usage: Usage, view: LintView): Reason | undefined {
  if (entry.consumer !== null || entry.consumer_group !== null)
    return consumerReason(entry, usage, view);
  const candidates = view.routesIn(entry);
  if (candidates.length === 0)
    return entry.route === null && entry.service === null ? undefined : noRoutes(entry, view);
  const answerer = usage.answered.get(entry.id);
  if (answerer !== undefined && REQUEST_ONLY.has(entry.name)) {
    return {
      why: `plugin '${answerer.name}' has always answered before it`,
      help: `remove it, or let '${answerer.name}' answer only some requests`,
      because: { message: 'the plugin that answers', place: at(answerer, 'name') },
    };
  }
  if (usage.selected.has(entry.id)) return undefined;
  // Without a match the response side of a global entry still runs.
  if (entry.route === null && entry.service === null && !REQUEST_ONLY.has(entry.name))
    return undefined;
  const [route] = candidates;
  const other = route && view.plugins.ofRoute(route).find(({ name }) => name === entry.name);
  return {
    why: 'every route in its scope has an entry of its own, and only the most specific one runs',
    help: 'remove it, or the entries that replace it: their settings are not merged',
    ...(other && { because: { message: 'one of them', place: at(other, 'name') } }),
  };
}

function noRoutes(entry: PluginEntity, { entities }: LintView): Reason | undefined {
  const { route, service } = entry;
  // Its service is disabled: so is all that belongs to it, and on purpose.
  if (route === null || service === null) return undefined;
  if (entities.routes.some((one) => one.id === route.id && one.service?.id === service.id))
    return undefined;
  return {
    why: 'its route does not belong to its service',
    help: 'remove one of the two references',
  };
}

/** Only entries that run after the client is known can be a consumer's own. */
function consumerReason(
  entry: PluginEntity,
  usage: Usage,
  { plugins }: LintView,
): Reason | undefined {
  const { firstAuthentication: first } = usage;
  const whose = entry.consumer === null ? 'a consumer group' : 'a consumer';
  if (first === undefined) {
    return {
      why: `it belongs to ${whose}, and no route has a plugin that finds out who the client is`,
      help: 'add one, e.g. key-auth, or remove the entry',
    };
  }
  if (plugins.priority(entry.name) < first) return undefined;
  return {
    why: `it belongs to ${whose}, and '${entry.name}' runs before any plugin that finds out who the client is`,
    help: 'give it a route or a service in place of the consumer',
  };
}
