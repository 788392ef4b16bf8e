/** The answers that the entries of the proxy-cache plugin keep: what the Admin API reads and purges. */
import type { PluginCache } from '../admin/index.ts';
import type { StrategyFields } from '../answer-cache/strategy.ts';
import type { Config } from '../config/types.ts';
import type { DataPlane } from './data-plane.ts';

/** Also of entries that are disabled, as in Kong: their answers are still there. */
export function answerCachesOf({ entities }: Config, dataPlane: DataPlane): PluginCache[] {
  return entities.plugins.flatMap(({ id, name, config }) =>
    name === 'proxy-cache' && hasStrategy(config)
      ? [{ pluginId: id, open: () => dataPlane.openCache(config) }]
      : [],
  );
}

/** The loader has validated the config against the plugin's schema. */
const hasStrategy = (config: object): config is StrategyFields =>
  'strategy' in config && 'memory' in config;
