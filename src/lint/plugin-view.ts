/** Which plugin entries run for which routes: the gateway's own choice, with entries instead of code. */
import type { Config, PluginEntity, Route } from '../config/types.ts';
import { createChainCompiler, groupBy, type CompiledPlugin } from '../gateway/chain.ts';
import type { PluginSchema } from '../config/schemas.ts';
import { BUNDLED, type PluginSet } from '../gateway/plugins.ts';
import type { PluginPhases } from '../plugin.ts';

/** What the route, and nothing about the client, selects: in the order it runs. */
export type RouteEntries = readonly PluginEntity[];

export interface PluginView {
  /** Enabled entries. */
  readonly enabled: readonly PluginEntity[];
  /** Enabled entries of that name. */
  named(name: string): readonly PluginEntity[];
  /** What runs for a request of this route before a consumer is known. */
  ofRoute(route: Route): RouteEntries;
  priority(name: string): number;
  /** Of the plugin's config. */
  schema(name: string): PluginSchema | undefined;
}

export function createPluginView(config: Config, plugins: PluginSet = BUNDLED): PluginView {
  const enabled = config.entities.plugins.filter((entity) => entity.enabled);
  const byName = groupBy(enabled, ({ name }) => name);
  const compiled = enabled.map((entity): CompiledPlugin => {
    return { entity, priority: plugins.priority(entity.name), phases: {} };
  });
  const entityOf = new Map<PluginPhases, PluginEntity>(
    compiled.map(({ phases, entity }) => [phases, entity]),
  );
  const chains = createChainCompiler(compiled, () => []);
  const known = new Map<string, RouteEntries>();
  return {
    enabled,
    named: (name) => byName.get(name) ?? [],
    priority: (name) => plugins.priority(name),
    schema: (name) => plugins.schemas.get(name),
    ofRoute(route) {
      let entries = known.get(route.id);
      if (entries === undefined) {
        const { base } = chains.compile(route.id, route.service?.id);
        entries = base.flatMap((phases) => (phases && entityOf.get(phases)) ?? []);
        known.set(route.id, entries);
      }
      return entries;
    },
  };
}

/** A member of a plugin's config, whatever the plugin is. */
export const settingOf = ({ config }: PluginEntity, name: string): unknown => config[name];

/** The texts of a list in a plugin's config; none for anything else. */
export function textsOf(entity: PluginEntity, name: string): readonly string[] {
  const value = settingOf(entity, name);
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : [];
}
