/** The key host of this node: in the primary process, also when that is the only one. */
import { createKeyHost, type KeyHost } from '../keys/host.ts';
import { openStore } from '../keys/open-store.ts';
import type { Logger } from '../log.ts';
import { createOutbound } from '../outbound/index.ts';
import { createResolver } from '../proxy/dns.ts';
import type { Settings } from '../settings/types.ts';

/** Costs next to nothing until the first key is wanted. */
export function createNodeKeyHost(settings: Settings, log: Logger): KeyHost {
  const resolver = createResolver(settings.dns, log);
  const outbound = createOutbound({
    resolve: (host) => resolver.resolve(host),
    ca: settings.trustedCertificates,
  });
  const host = createKeyHost({ outbound, openStore: () => openStore(settings.data, log), log });
  return {
    ...host,
    async close() {
      await host.close();
      await outbound.close();
      resolver.close();
    },
  };
}
