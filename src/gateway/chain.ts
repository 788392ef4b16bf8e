/**
 * Which plugins run for a request, and in what order: Kong's precedence, worked out at load into one
 * list per route, and per consumer where entries are bound to one.
 */
import type { PluginEntity } from '../config/types.ts';
import type { PluginPhases } from '../plugin.ts';

/** One entry of the config, ready to run. */
export interface CompiledPlugin {
  readonly entity: PluginEntity;
  readonly priority: number;
  readonly phases: PluginPhases;
}

/**
 * The plugins of a route in the order they run; a place is `undefined` where no entry of that name
 * applies. Every chain of one route has its names in the same places.
 */
export type Chain = readonly (PluginPhases | undefined)[];

export interface RouteChain {
  /** What applies before a consumer is known. */
  readonly base: Chain;
  /** What applies once it is. The same list where no entry is bound to a consumer or a group. */
  forConsumer(consumerId: string): Chain;
}

/** Who a chain is for. Absent members match only entries that do not name one. */
export interface Subject {
  readonly route: string | undefined;
  readonly service: string | undefined;
  readonly consumer: string | undefined;
  readonly groups: readonly string[];
}

const CONSUMER = 8;
const GROUP = 4;
const ROUTE = 2;
const SERVICE = 1;

/**
 * From the most specific to the least (Kong, with consumer groups as Enterprise ranks them). What is
 * not listed cannot be combined.
 */
const SPECIFICITY: readonly number[] = [
  CONSUMER | ROUTE | SERVICE,
  GROUP | ROUTE | SERVICE,
  CONSUMER | ROUTE,
  CONSUMER | SERVICE,
  GROUP | ROUTE,
  GROUP | SERVICE,
  ROUTE | SERVICE,
  CONSUMER,
  GROUP,
  ROUTE,
  SERVICE,
  0,
];

function scopeOf(entity: PluginEntity): number {
  return (
    (entity.consumer === null ? 0 : CONSUMER) |
    (entity.consumer_group === null ? 0 : GROUP) |
    (entity.route === null ? 0 : ROUTE) |
    (entity.service === null ? 0 : SERVICE)
  );
}

function appliesTo(entity: PluginEntity, subject: Subject): boolean {
  return (
    (entity.route === null || entity.route.id === subject.route) &&
    (entity.service === null || entity.service.id === subject.service) &&
    (entity.consumer === null || entity.consumer.id === subject.consumer) &&
    (entity.consumer_group === null || subject.groups.includes(entity.consumer_group.id))
  );
}

const boundToConsumer = ({ entity }: CompiledPlugin): boolean =>
  entity.consumer !== null || entity.consumer_group !== null;

/** Entries by what they are bound to, so that those that could apply are found without a look at all. */
interface ScopeIndex {
  readonly ofRoute: ReadonlyMap<string | undefined, readonly CompiledPlugin[]>;
  /** Of a service and no route. */
  readonly ofService: ReadonlyMap<string | undefined, readonly CompiledPlugin[]>;
}

function indexScopes(plugins: readonly CompiledPlugin[]): ScopeIndex {
  const ofRoute = groupBy(plugins, ({ entity }) => entity.route?.id);
  const ofService = groupBy(ofRoute.get(undefined) ?? [], ({ entity }) => entity.service?.id);
  return { ofRoute, ofService };
}

/** Lists that hold every entry which could apply to the route and service: its own, the service's, the others. */
function scopesOf(
  { ofRoute, ofService }: ScopeIndex,
  route: string | undefined,
  service: string | undefined,
): (readonly CompiledPlugin[])[] {
  return [
    (route === undefined ? undefined : ofRoute.get(route)) ?? NONE,
    (service === undefined ? undefined : ofService.get(service)) ?? NONE,
    ofService.get(undefined) ?? NONE,
  ];
}

const NONE: readonly CompiledPlugin[] = [];

/** Finds the entries that could apply to a route without looking at all of them. */
export interface ChainCompiler {
  /** The chain of a route and service; both `undefined` for requests that match no route. */
  compile(route: string | undefined, service: string | undefined): RouteChain;
  /** The choice behind a chain, for people who ask why: names in the order they run. Slow. */
  choices(subject: Omit<Subject, 'groups'>): readonly ChainChoice[];
}

/** Which of several entries of one name runs. */
export interface ChainChoice {
  readonly name: string;
  readonly chosen: CompiledPlugin;
  /** They apply as well and are less specific; the nearest first. */
  readonly passedOver: readonly CompiledPlugin[];
}

/** `groupsOf` gives the ids of a consumer's groups. Disabled entries must not be passed. */
export function createChainCompiler(
  plugins: readonly CompiledPlugin[],
  groupsOf: (consumerId: string) => readonly string[],
): ChainCompiler {
  const plain = indexScopes(plugins.filter((plugin) => !boundToConsumer(plugin)));
  const bound = plugins.filter(boundToConsumer);
  const boundScopes = indexScopes(bound);
  const namesIn = namesOnce();
  const index: ConsumerIndex = {
    ofConsumer: groupBy(bound, ({ entity }) => entity.consumer?.id),
    ofGroup: groupBy(bound, ({ entity }) => entity.consumer_group?.id),
    groupsOf,
  };
  const shared = new Map<string | undefined, RouteChain>();
  const compile = (route: string | undefined, service: string | undefined): RouteChain => {
    const candidates = scopesOf(plain, route, service).flat();
    const names = new Map(
      scopesOf(boundScopes, route, service).flatMap((list) => [...namesIn(list)]),
    );
    return compileChain({ candidates, names, route, service, index });
  };
  return {
    compile(route, service) {
      const isAlone = plain.ofRoute.has(route) || boundScopes.ofRoute.has(route);
      if (route !== undefined && isAlone) return compile(route, service);
      // Routes without entries of their own have the chain of their service, or that of all.
      const isOwn = plain.ofService.has(service) || boundScopes.ofService.has(service);
      const key = isOwn ? service : undefined;
      let chain = shared.get(key);
      if (chain === undefined) shared.set(key, (chain = compile(undefined, key)));
      return chain;
    },
    choices({ route, service, consumer }) {
      const groups = consumer === undefined ? [] : groupsOf(consumer);
      return choicesFor(plugins, { route, service, consumer, groups });
    },
  };
}

function choicesFor(plugins: readonly CompiledPlugin[], subject: Subject): readonly ChainChoice[] {
  const applying = plugins.filter(({ entity }) => appliesTo(entity, subject)).toSorted(byId);
  const chosen = choose(applying, subject);
  const order = inOrder(new Map(applying.map(({ entity, priority }) => [entity.name, priority])));
  return order.flatMap((name) => {
    const first = chosen.get(name);
    if (first === undefined) return [];
    const others = applying.filter((plugin) => plugin.entity.name === name && plugin !== first);
    return { name, chosen: first, passedOver: others.toSorted((a, b) => rankOf(a) - rankOf(b)) };
  });
}

/** Plugin name → priority of a list's entries; each list is read once. */
function namesOnce(): (list: readonly CompiledPlugin[]) => ReadonlyMap<string, number> {
  const known = new Map<readonly CompiledPlugin[], ReadonlyMap<string, number>>();
  return (list) => {
    let names = known.get(list);
    if (names === undefined) {
      names = new Map(list.map(({ entity, priority }) => [entity.name, priority]));
      known.set(list, names);
    }
    return names;
  };
}

/** Items by a key, in their order. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

interface ConsumerIndex {
  readonly ofConsumer: ReadonlyMap<string | undefined, readonly CompiledPlugin[]>;
  readonly ofGroup: ReadonlyMap<string | undefined, readonly CompiledPlugin[]>;
  readonly groupsOf: (consumerId: string) => readonly string[];
}

interface ChainInput {
  /** Those that are bound to no consumer. */
  readonly candidates: readonly CompiledPlugin[];
  /** Names and priorities of those that are, whoever the consumer is. */
  readonly names: ReadonlyMap<string, number>;
  readonly route: string | undefined;
  readonly service: string | undefined;
  readonly index: ConsumerIndex;
}

/** Descending priority; equal priorities by name, descending, as Kong's iterator does. */
function inOrder(priorities: ReadonlyMap<string, number>): readonly string[] {
  return [...priorities]
    .toSorted(([a, first], [b, second]) => second - first || (a < b ? 1 : -1))
    .map(([name]) => name);
}

/** The most specific entry of each name. */
function choose(
  candidates: readonly CompiledPlugin[],
  subject: Subject,
): ReadonlyMap<string, CompiledPlugin> {
  const chosen = new Map<string, CompiledPlugin>();
  for (const plugin of candidates) {
    const { name } = plugin.entity;
    const other = chosen.get(name);
    if (!appliesTo(plugin.entity, subject)) continue;
    if (other === undefined || rankOf(plugin) < rankOf(other)) chosen.set(name, plugin);
  }
  return chosen;
}

const rankOf = ({ entity }: CompiledPlugin): number => SPECIFICITY.indexOf(scopeOf(entity));

function compileChain({ candidates, names, route, service, index }: ChainInput): RouteChain {
  const own = new Map(candidates.map(({ entity, priority }) => [entity.name, priority]));
  const places = inOrder(new Map([...own, ...names]));
  const chainOf = (chosen: ReadonlyMap<string, CompiledPlugin>): Chain =>
    places.map((name) => chosen.get(name)?.phases);
  const nobody: Subject = { route, service, consumer: undefined, groups: [] };
  const base = chainOf(choose(candidates, nobody));
  if (names.size === 0) {
    const applicable = base.filter((phases) => phases !== undefined);
    return { base: applicable, forConsumer: () => applicable };
  }
  const known = new Map<string, Chain>();
  return {
    base,
    // Consumers are the config's own, so this grows to their number at most.
    forConsumer(consumer) {
      let chain = known.get(consumer);
      if (chain === undefined) {
        const groups = index.groupsOf(consumer);
        const all = [...candidates, ...boundTo(consumer, groups, index)];
        chain = chainOf(choose(all, { route, service, consumer, groups }));
        known.set(consumer, chain);
      }
      return chain;
    },
  };
}

/** Of several groups with an entry of one name the first in the order of the entries counts. */
function boundTo(
  consumer: string,
  groups: readonly string[],
  { ofConsumer, ofGroup }: ConsumerIndex,
): readonly CompiledPlugin[] {
  const ofGroups = groups.flatMap((group) => ofGroup.get(group) ?? []);
  const sorted = groups.length < 2 ? ofGroups : ofGroups.toSorted(byId);
  return [...(ofConsumer.get(consumer) ?? []), ...sorted];
}

/** The order of a loaded config's lists. */
const byId = ({ entity: a }: CompiledPlugin, { entity: b }: CompiledPlugin): number =>
  a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
