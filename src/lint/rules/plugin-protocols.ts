/**
 * SB2042: `protocols` of a plugin entry choose between streams and HTTP, nothing finer: an entry for
 * https runs on http as well (recorded of Kong 3.9.1), also where its route refuses that protocol.
 */
import type { PluginEntity } from '../../config/types.ts';
import { calledPlugin } from '../names.ts';
import { at, type Finding, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

export const pluginProtocols: Rule = {
  code: 'SB2042',
  check: (view) =>
    view.plugins.enabled.flatMap((entry): readonly Finding[] => {
      if (!view.isWritten(entry, 'protocols')) return [];
      const missed = missedProtocol(entry, view);
      if (missed === undefined) return [];
      return [
        {
          message: `'protocols' does not keep ${calledPlugin(entry)} from ${missed} requests: it runs for them too`,
          help: 'remove it; for another behaviour per protocol make one route for each (protocols: [https])',
          at: at(entry, 'protocols'),
        },
      ];
    }),
};

/** A protocol that a route in its scope takes and the entry does not list. */
function missedProtocol(entry: PluginEntity, view: LintView): string | undefined {
  const listed = new Set<string>(entry.protocols);
  for (const route of view.routesIn(entry)) {
    const missed = route.protocols.find((one) => !listed.has(one));
    if (missed !== undefined) return missed;
  }
  return undefined;
}
