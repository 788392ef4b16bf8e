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
interface Subject {
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

/** The entries of one plugin name, most specific first. */
interface Slot {
  readonly candidates: readonly CompiledPlugin[];
}

function choose(slot: Slot, subject: Subject): PluginPhases | undefined {
  return slot.candidates.find(({ entity }) => appliesTo(entity, subject))?.phases;
}

const boundToConsumer = ({ entity }: CompiledPlugin): boolean =>
  entity.consumer !== null || entity.consumer_group !== null;

/** Finds the entries that could apply to a route without looking at all of them. */
export interface ChainCompiler {
  /** The chain of a route and service; both `undefined` for requests that match no route. */
  compile(route: string | undefined, service: string | undefined): RouteChain;
}

/** `groupsOf` gives the ids of a consumer's groups. Disabled entries must not be passed. */
export function createChainCompiler(
  plugins: readonly CompiledPlugin[],
  groupsOf: (consumerId: string) => readonly string[],
): ChainCompiler {
  const byRoute = groupBy(plugins, ({ entity }) => entity.route?.id);
  const withoutRoute = groupBy(byRoute.get(undefined) ?? [], ({ entity }) => entity.service?.id);
  const unscoped = withoutRoute.get(undefined) ?? [];
  return {
    compile(route, service) {
      const candidates = [
        ...(route === undefined ? [] : (byRoute.get(route) ?? [])),
        ...(service === undefined ? [] : (withoutRoute.get(service) ?? [])),
        ...unscoped,
      ];
      return compileChain(toSlots(candidates), { route, service, groupsOf });
    },
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

/** Descending priority; equal priorities by name, descending, as Kong's iterator does. */
function toSlots(candidates: readonly CompiledPlugin[]): Slot[] {
  const rank = (plugin: CompiledPlugin): number => SPECIFICITY.indexOf(scopeOf(plugin.entity));
  return [...groupBy(candidates, ({ entity }) => entity.name).entries()]
    .map(([name, entries]) => ({
      name,
      priority: entries[0]?.priority ?? 0,
      candidates: entries.toSorted((a, b) => rank(a) - rank(b)),
    }))
    .toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? 1 : -1));
}

function compileChain(
  slots: readonly Slot[],
  scope: {
    readonly route: string | undefined;
    readonly service: string | undefined;
    readonly groupsOf: (consumerId: string) => readonly string[];
  },
): RouteChain {
  const { route, service, groupsOf } = scope;
  const chainFor = (consumer: string | undefined): Chain => {
    const groups = consumer === undefined ? [] : groupsOf(consumer);
    return slots.map((slot) => choose(slot, { route, service, consumer, groups }));
  };
  const base = chainFor(undefined);
  if (!slots.some((slot) => slot.candidates.some(boundToConsumer))) {
    const applicable = base.filter((phases) => phases !== undefined);
    return { base: applicable, forConsumer: () => applicable };
  }
  const known = new Map<string, Chain>();
  return {
    base,
    // Consumers are the config's own, so this grows to their number at most.
    forConsumer(consumerId) {
      let chain = known.get(consumerId);
      if (chain === undefined) known.set(consumerId, (chain = chainFor(consumerId)));
      return chain;
    },
  };
}
