/** Which plugins of a route ask who the client is. */
import type { PluginEntity, Route } from '../config/types.ts';
import { AUTHENTICATION } from './credentials.ts';
import { settingOf } from './plugin-view.ts';
import type { LintView } from './view.ts';

/** In the order they run. */
export const authenticationsOf = (route: Route, { plugins }: LintView): readonly PluginEntity[] =>
  plugins.ofRoute(route).filter(({ name }) => AUTHENTICATION.has(name));

/** The consumer of clients without a credential, by id or username. */
export function anonymousOf(entry: PluginEntity): string | undefined {
  const value = settingOf(entry, 'anonymous');
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export const isOptional = (entry: PluginEntity): boolean => anonymousOf(entry) !== undefined;
