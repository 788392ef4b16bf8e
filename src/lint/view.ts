/** The loaded config as the rules look at it, with the indexes that more than one of them needs. */
import type { LoadedConfig } from '../config/load.ts';
import { isVaultReference } from '../config/secrets.ts';
import type { Config, Consumer, PluginEntity, Route, Service } from '../config/types.ts';
import type { ConfigPath } from '../errors.ts';
import { groupBy } from '../gateway/chain.ts';
import type { PluginSet } from '../gateway/plugins.ts';
import { once } from './once.ts';
import { createPluginView, type PluginView } from './plugin-view.ts';
import { analyseReach, type Reach } from './reach.ts';
import type { RegexChecker } from './regex-checker.ts';
import { placeKey, readTextFacts, type SourceText, type TextFacts } from './source-text.ts';
import { trapOf } from './yaml-traps.ts';

export interface LintView {
  readonly entities: Config['entities'];
  readonly plugins: PluginView;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly regexes: RegexChecker;
  /** Those that take part in routing: not those of a disabled service. */
  readonly routes: readonly Route[];
  readonly text: TextFacts;
  /** Which routes lose their requests to others. */
  readonly reach: () => Reach;
  readonly serviceOf: (route: Route) => Service | undefined;
  /** The routes that a plugin entry could run for, whoever the client is. */
  readonly routesIn: (entry: PluginEntity) => readonly Route[];
  /** Entities in the order of the document. */
  readonly inOrder: <T extends Identified>(items: readonly T[]) => readonly T[];
  /** As `anonymous` names one: by id or by username. */
  readonly anonymousConsumer: (idOrUsername: string) => Consumer | undefined;
  /** Whether the document gives the field a value, and not a default or the load. */
  readonly isWritten: (entity: Identified, ...field: readonly string[]) => boolean;
  /** Whether a text comes from elsewhere: `{vault://…}`, `${NAME}`. */
  readonly isReference: (entity: Identified, field: readonly string[], value: string) => boolean;
}

interface Identified {
  readonly id: string;
}

export interface ViewInput {
  readonly loaded: LoadedConfig;
  /** The files of the document; none when it came as an object. */
  readonly texts: readonly SourceText[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly regexes: RegexChecker;
  /** Those that the config was loaded with; absent: the plugins of this build. */
  readonly pluginSet?: PluginSet | undefined;
}

export function createView({ loaded, texts, now, regexes, pluginSet }: ViewInput): LintView {
  const { config } = loaded;
  const { entities } = config;
  const services = new Map(entities.services.map((service) => [service.id, service]));
  const consumers = new Map(
    entities.consumers.flatMap((consumer): [string, Consumer][] => [
      [consumer.id, consumer],
      ...(consumer.username === null ? [] : [[consumer.username, consumer] as [string, Consumer]]),
    ]),
  );
  const serviceOf = ({ service }: Route): Service | undefined =>
    service === null ? undefined : services.get(service.id);
  const text = readTextFacts(texts, (scalar) => trapOf(scalar) !== undefined);
  const routes = entities.routes.filter((route) => serviceOf(route)?.enabled !== false);
  const routesByService = groupBy(routes, ({ service }) => service?.id);
  const routesById = new Map(routes.map((route) => [route.id, route]));
  return {
    entities,
    routes,
    routesIn({ route, service }) {
      if (route === null)
        return service === null ? routes : (routesByService.get(service.id) ?? []);
      const found = routesById.get(route.id);
      const isIn = found && (service === null || found.service?.id === service.id);
      return isIn ? [found] : [];
    },
    inOrder: (items) => items.toSorted((a, b) => byPath(loaded.pathOf(a.id), loaded.pathOf(b.id))),
    reach: once(() => analyseReach(routes)),
    now,
    regexes,
    text,
    serviceOf,
    plugins: createPluginView(config, pluginSet),
    anonymousConsumer: (name) => consumers.get(name),
    isWritten: ({ id }, ...field) => hasValue(loaded.writtenOf(id), field),
    isReference: ({ id }, field, value) => {
      if (isVaultReference(value)) return true;
      if (text.interpolated.size === 0) return false;
      const file = loaded.locate(id, field)?.file ?? '';
      return text.interpolated.has(placeKey(file, [...loaded.pathOf(id), ...field]));
    },
  };
}

/** Lists by their elements; the top-level lists by name. */
function byPath(a: ConfigPath, b: ConfigPath): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left = '', right = ''] = [a[i], b[i]];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}

/** An explicit null counts as unset. */
function hasValue(written: unknown, field: readonly string[]): boolean {
  let value = written;
  for (const name of field) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = Reflect.get(value, name);
  }
  return value !== null && value !== undefined;
}
