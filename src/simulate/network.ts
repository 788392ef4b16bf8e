/** The world outside, for simulations that may look at it: names and providers are asked, upstreams never are. */
import { SILENT } from '../log.ts';
import { createOutbound } from '../outbound/index.ts';
import { createResolver } from '../proxy/dns.ts';
import type { NameResolver } from '../proxy/types.ts';
import type { Outbound } from '../services.ts';
import type { Settings } from '../settings/types.ts';
import type { AnswerUpstream } from './upstream.ts';

export interface Network {
  readonly outbound: Outbound;
  readonly resolver: NameResolver;
  close(): Promise<void>;
}

export function openNetwork(settings: Settings): Network {
  const resolver = createResolver(settings.dns, SILENT);
  const outbound = createOutbound({
    resolve: (host) => resolver.resolve(host),
    ca: settings.trustedCertificates,
  });
  return {
    outbound,
    resolver,
    async close() {
      await outbound.close();
      resolver.close();
    },
  };
}

/** An upstream that takes every request. */
export const acceptAll: AnswerUpstream = () => ({
  kind: 'answer',
  status: 200,
  headers: [],
  body: Buffer.alloc(0),
});
