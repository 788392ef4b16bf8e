/** The plugins of one request: which entries run and why, with what settings, and what they did. */
import { isDeepStrictEqual } from 'node:util';
import { isFields } from '../../config/checks/field-issue.ts';
import { applyPluginDefaults } from '../../config/defaults.ts';
import type { PluginSchemas } from '../../config/schemas.ts';
import { maskedConfig } from '../../config/shown-config.ts';
import type { Config, EntityOf, PluginEntity } from '../../config/types.ts';
import type { ChainChoice } from '../../gateway/chain.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Change } from '../changes.ts';
import type { Observation, Watch } from '../watch.ts';
import type { ExplainedPlugin, Named, ShownChange } from './explanation.ts';
import { shownHeader } from './shown.ts';

export interface PluginFacts {
  readonly gateway: Gateway;
  /** As loaded; the gateway's own may have been changed for the simulation. */
  readonly config: Config;
  readonly watch: Watch;
  readonly route: string | undefined;
  readonly service: string | undefined;
  readonly consumer: string | undefined;
  readonly secretHeaders: ReadonlySet<string>;
  /** Absent: of the plugins of this build. */
  readonly schemas: PluginSchemas | undefined;
  readonly nameOf: (entity: { readonly id: string; readonly name: string | null }) => Named;
}

/** In the order they run. */
export function explainPlugins(facts: PluginFacts): readonly ExplainedPlugin[] {
  const { schemas } = facts;
  const scopes = scopeNames(facts.config);
  const original = new Map(facts.config.entities.plugins.map((entity) => [entity.id, entity]));
  return effectiveChoices(facts).map(({ chosen, passedOver }) => {
    const entity = original.get(chosen.entity.id) ?? chosen.entity;
    return {
      ...facts.nameOf({ id: entity.id, name: entity.instance_name }),
      plugin: entity.name,
      priority: chosen.priority,
      scope: scopes(entity),
      passed_over: passedOver.map((other) => ({
        ...facts.nameOf({ id: other.entity.id, name: other.entity.instance_name }),
        scope: scopes(other.entity),
      })),
      config: maskedConfig(entity.name, entity.config, schemas),
      set: ownSettings(entity, schemas),
      ...accountOf(facts.watch.of(entity.id), chosen.phases.access !== undefined, facts),
      reports: facts.watch.of(entity.id)?.reports === true,
    };
  });
}

/**
 * Up to the plugin that finds out who the client is, entries that apply to anybody; those of the
 * consumer from there on.
 */
function effectiveChoices(facts: PluginFacts): readonly ChainChoice[] {
  const { gateway, watch, route, service, consumer } = facts;
  const choices = gateway.chains.choices({ route, service, consumer });
  if (consumer === undefined) return choices;
  const before = new Map(
    gateway.chains
      .choices({ route, service, consumer: undefined })
      .map((choice) => [choice.name, choice]),
  );
  const finder = [...before.values()].find((choice) => found(watch.of(choice.chosen.entity.id)));
  const at = choices.findIndex(({ name }) => name === finder?.name);
  return choices.flatMap((choice, i) => (i <= at ? (before.get(choice.name) ?? []) : choice));
}

const found = (observation: Observation | undefined): boolean =>
  observation?.access?.changes.some(({ kind }) => kind === 'consumer') === true;

/** The plugin that named the consumer. */
export const finderOf = (plugins: readonly ExplainedPlugin[]): string | null =>
  plugins.find(({ request }) => request.changes.some(({ kind }) => kind === 'consumer'))?.plugin ??
  null;

type Account = Pick<ExplainedPlugin, 'request' | 'steps' | 'response' | 'response_body'>;

function accountOf(
  observation: Observation | undefined,
  hasAccess: boolean,
  { secretHeaders }: PluginFacts,
): Account {
  const show = (change: Change): ShownChange => shownChange(change, secretHeaders);
  const access = observation?.access;
  return {
    request: {
      result: resultOf(observation, hasAccess),
      status: access?.answer ?? null,
      changes: access?.changes.map(show) ?? [],
    },
    steps: (observation?.steps ?? []).map(({ sections, mark, step, detail }) => ({
      mark,
      step: [...sections.map((title) => title.replaceAll('_', ' ')), step].join(': '),
      detail,
    })),
    response: observation?.response?.map(show) ?? [],
    response_body: observation?.body ?? null,
  };
}

function resultOf(
  observation: Observation | undefined,
  hasAccess: boolean,
): ExplainedPlugin['request']['result'] {
  if (!hasAccess) return 'nothing to do';
  if (observation?.failed === true) return 'fails';
  if (observation?.access === undefined) return 'not reached';
  return observation.access.answer === undefined ? 'passes' : 'answers';
}

function shownChange(change: Change, secretHeaders: ReadonlySet<string>): ShownChange {
  switch (change.kind) {
    case 'set-header':
      return { ...shownHeader(change.name, change.value, secretHeaders), kind: change.kind };
    case 'remove-header':
      return { kind: change.kind, name: change.name, value: null };
    default:
      return { kind: change.kind, name: null, value: change.value };
  }
}

/** The settings that are not at their defaults, by dotted names; secrets masked. */
function ownSettings(
  { name, config }: PluginEntity,
  schemas: PluginSchemas | undefined,
): Readonly<Record<string, unknown>> {
  const shown = maskedConfig(name, config, schemas);
  const usual = maskedConfig(name, applyPluginDefaults(name, {}, schemas), schemas);
  return Object.fromEntries(differing(shown, usual, ''));
}

function differing(own: unknown, usual: unknown, path: string): [string, unknown][] {
  if (own === null || isDeepStrictEqual(own, usual)) return [];
  if (!isFields(own) || !isFields(usual)) return [[path, own]];
  return Object.entries(own).flatMap(([name, value]) =>
    differing(value, usual[name], path === '' ? name : `${path}.${name}`),
  );
}

const SCOPES = [
  ['consumer', 'consumers'],
  ['consumer_group', 'consumer_groups'],
  ['route', 'routes'],
  ['service', 'services'],
] as const;

/** `route orders and consumer alice`, `all requests`. */
function scopeNames({ entities }: Config): (entity: PluginEntity) => string {
  const names = new Map<string, string>();
  for (const [, kind] of SCOPES) {
    for (const entity of entities[kind]) names.set(entity.id, nameOfScope(entity));
  }
  return (entity) => {
    const bound = SCOPES.flatMap(([field]) => {
      const id = entity[field]?.id;
      return id === undefined ? [] : [`${field.replace('_', ' ')} ${names.get(id) ?? id}`];
    });
    return bound.length === 0 ? 'all requests' : bound.join(' and ');
  };
}

type ScopeEntity = EntityOf<(typeof SCOPES)[number][1]>;

function nameOfScope(entity: ScopeEntity): string {
  if ('username' in entity) return entity.username ?? entity.custom_id ?? entity.id;
  return entity.name ?? entity.id;
}
