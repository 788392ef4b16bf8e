/**
 * SB2042: `protocols` of a plugin entry choose between streams and HTTP, nothing finer: an entry for
 * https runs on http as well (recorded of Kong 3.9.1), also where its route refuses that protocol.
 */
import type { PluginEntity, Route } from '../../config/types.ts';
import { calledPlugin } from '../names.ts';
import { at, type Finding, type Rule } from '../rule.ts';

export const pluginProtocols: Rule = {
  code: 'SB2042',
  check(view) {
    const protocolsOf = readProtocols();
    return view.plugins.enabled.flatMap((entry): readonly Finding[] => {
      if (!view.isWritten(entry, 'protocols')) return [];
      const missed = missedProtocol(entry, protocolsOf(view.routesIn(entry)));
      if (missed === undefined) return [];
      return [
        {
          message: `'protocols' does not keep ${calledPlugin(entry)} from ${missed} requests: it runs for them too`,
          help: 'remove it; for another behaviour per protocol make one route for each (protocols: [https])',
          at: at(entry, 'protocols'),
        },
      ];
    });
  },
};

/** The protocols that routes take. Each list is read once: many entries share that of all routes. */
function readProtocols(): (routes: readonly Route[]) => ReadonlySet<string> {
  const known = new WeakMap<readonly Route[], ReadonlySet<string>>();
  return (routes) => {
    let protocols = known.get(routes);
    if (protocols === undefined) {
      protocols = new Set(routes.flatMap((route) => route.protocols));
      known.set(routes, protocols);
    }
    return protocols;
  };
}

/** A protocol that a route in its scope takes and the entry does not list. */
function missedProtocol(entry: PluginEntity, taken: ReadonlySet<string>): string | undefined {
  const listed = new Set<string>(entry.protocols);
  return [...taken].find((protocol) => !listed.has(protocol));
}
