/** What one request meets in a gateway: the run itself, taken down and put into words. */
import type { Config, Consumer } from '../../config/types.ts';
import { OutboundError } from '../../errors.ts';
import type { EntitySources } from '../../gateway/compile.ts';
import type { PluginSet } from '../../gateway/plugins.ts';
import { openDeclaredSource } from '../../keys/declared-source.ts';
import { maskTarget, maskTokens } from '../../http/mask.ts';
import { SILENT } from '../../log.ts';
import type { KeySources, Outbound } from '../../services.ts';
import type { Settings } from '../../settings/types.ts';
import type { SimulatedRequest } from '../client.ts';
import { acceptAll, type Network } from '../network.ts';
import { openSession, type Session, type SessionResult } from '../session.ts';
import { throwawayKeysets } from '../throwaway-keysets.ts';
import { createWatch, type Watch } from '../watch.ts';
import { placeText, type Explanation, type Named, type Outcome } from './explanation.ts';
import { explainPlugins, finderOf } from './plugins.ts';
import { routeStory, type RouteStory } from './routes.ts';
import { shownHeaders } from './shown.ts';
import { explainUpstream } from './upstream.ts';

export interface ExplainOptions {
  readonly config: Config;
  readonly sources: EntitySources | undefined;
  /** Those that the config was loaded with; absent: the plugins of this build. */
  readonly pluginSet?: PluginSet | undefined;
  readonly settings: Settings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Absent: nothing leaves the process, and names are not looked up. */
  readonly network?: Network | undefined;
}

type NameOf = (entity: { readonly id: string; readonly name: string | null }) => Named;

interface Facts extends ExplainOptions {
  readonly request: SimulatedRequest;
  readonly session: Session;
  readonly result: SessionResult;
  readonly watch: Watch;
  readonly nameOf: NameOf;
}

/** Rejects with ConfigError when the config does not compile. */
export async function explainRequest(
  request: SimulatedRequest,
  options: ExplainOptions,
): Promise<Explanation> {
  const { config, sources, pluginSet, settings, network, now } = options;
  const watch = createWatch(request.body ?? Buffer.alloc(0));
  const silence = refuseCalls();
  const session = openSession(
    config,
    { sources, plugins: pluginSet },
    {
      settings,
      log: SILENT,
      now,
      upstream: acceptAll,
      keysets: throwawayKeysets(),
      ...(network ?? silence),
      ...watch,
    },
  );
  const nameOf: NameOf = ({ id, name }) => ({
    id,
    name,
    place: placeText(sources?.locate(id, [])),
  });
  try {
    const result = await session.send(request);
    const explanation = describe({ ...options, request, session, result, watch, nameOf });
    return { ...explanation, not_asked: [...silence.wanted] };
  } finally {
    await session.close();
  }
}

interface Silence {
  readonly outbound: Outbound;
  readonly keySources: KeySources;
  /** What was not asked. */
  readonly wanted: ReadonlySet<string>;
}

/** Stands for the network: nothing is asked, and it is known what would have been. */
function refuseCalls(): Silence {
  const wanted = new Set<string>();
  return {
    wanted,
    outbound: {
      request({ method, url }) {
        wanted.add(`${method} ${withoutSecrets(url)}`);
        return Promise.reject(
          new OutboundError('ERR_OUTBOUND_CONNECT', 'nobody is asked without --online'),
        );
      },
    },
    keySources: {
      open(spec) {
        if (spec.kind === 'declared') return openDeclaredSource(spec);
        const { url } = spec;
        const miss = (): Promise<undefined> => {
          wanted.add(`GET ${withoutSecrets(url)}`);
          return Promise.resolve(undefined);
        };
        const name = withoutSecrets(url);
        return { name, current: () => undefined, load: miss, refresh: miss, close() {} };
      },
    },
  };
}

const withoutSecrets = (url: string): string =>
  url.replace(/\?.*$/s, '').replace(/(?<=:\/\/)[^/@]+(?=@)/, '***');

function describe(facts: Facts): Omit<Explanation, 'not_asked'> {
  const { session, result, config, request, nameOf, watch } = facts;
  const { gateway } = session;
  const { ctx, outcome } = result;
  const { secretHeaderNames, secretQueryNames } = outcome.details();
  const verdicts = ctx.path === '' ? [] : gateway.router.examine(questionOf(facts));
  const story = routeStory(verdicts, gateway.router.size, nameOf);
  const plugins = explainPlugins({
    schemas: facts.pluginSet?.schemas,
    gateway,
    config,
    watch,
    nameOf,
    route: ctx.route?.id,
    service: ctx.service?.id,
    consumer: ctx.consumer?.id,
    secretHeaders: secretHeaderNames,
  });
  return {
    version: 1,
    request: {
      method: request.method,
      url: `${request.scheme}://${ctx.host}${maskTarget(request.target, secretQueryNames)}`,
      headers: shownHeaders(request.headers, secretHeaderNames),
      client_address: ctx.clientAddress,
    },
    route: takenRoute(facts, story),
    service: ctx.service === undefined ? null : nameOf(ctx.service),
    consumer:
      ctx.consumer === undefined
        ? null
        : { ...nameOf(withName(ctx.consumer)), identified_by: finderOf(plugins) },
    candidates: story.candidates,
    plugins: ctx.route === undefined ? [] : plugins,
    upstream: explainUpstream(facts.result, {
      config,
      secretHeaderNames,
      secretQueryNames,
      request,
    }),
    outcome: outcomeOf(
      facts,
      plugins.find(({ request: { result: did } }) => isAnswer(did))?.plugin,
    ),
  };
}

const isAnswer = (did: string): boolean => did === 'answers' || did === 'fails';

const withName = ({ id, username, custom_id: customId }: Consumer) => ({
  id,
  name: username ?? customId,
});

/** As the router was asked: plugins may have changed the headers since. */
function questionOf({ result: { ctx }, request }: Facts) {
  const { method, scheme, host, path, port, serverName } = ctx;
  return { method, scheme, host, path, port, serverName, headers: request.headers };
}

function takenRoute({ result: { ctx }, nameOf }: Facts, story: RouteStory): Explanation['route'] {
  const { route, prefix, captures } = ctx;
  if (route === undefined) return null;
  return {
    ...nameOf(route),
    host: story.taken?.host ?? null,
    path: story.taken?.path ?? null,
    prefix: prefix ?? null,
    captures: Object.fromEntries(captures?.named ?? []),
    strip_path: route.strip_path,
    preserve_host: route.preserve_host,
  };
}

const BODY_MAX = 4096;

function outcomeOf({ result, request }: Facts, plugin: string | undefined): Outcome {
  const { answer, asked, ctx } = result;
  if (asked.length > 0) return { kind: 'proxied' };
  const { secretHeaderNames } = result.outcome.details();
  return {
    kind: 'answered',
    by: plugin === undefined ? whoElse(ctx, request) : `plugin ${plugin}`,
    status: answer.status,
    headers: shownHeaders(answer.headers, secretHeaderNames),
    body: maskTokens(answer.body.toString('utf8').slice(0, BODY_MAX)),
  };
}

function whoElse(
  { route, service, path }: SessionResult['ctx'],
  request: SimulatedRequest,
): string {
  if (route === undefined) {
    return path === ''
      ? 'the gateway: it refuses the request as it is'
      : 'the router: no route takes it';
  }
  const { protocols } = route;
  if (!protocols.includes('http') && (!protocols.includes('https') || request.scheme === 'http')) {
    return `the route: it takes ${protocols.join(', ')} only`;
  }
  return service === undefined ? 'the route: it has no service' : 'the gateway';
}
