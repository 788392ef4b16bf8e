/** What the gateways of one process share: it outlives reloads, so that they drop no connection. */
import { compileTrust, type RealIpRules } from '../http/client-address.ts';
import { createRequestIds } from '../http/request-id.ts';
import type { Logger } from '../log.ts';
import { createResolver } from '../proxy/dns.ts';
import { createHealthBoard, type HealthBoard } from '../proxy/health/board.ts';
import { createPools } from '../proxy/pools.ts';
import type { NameResolver, UpstreamPools } from '../proxy/types.ts';
import type { Settings } from '../settings/types.ts';

export interface Runtime {
  readonly settings: Settings;
  readonly log: Logger;
  readonly pools: UpstreamPools;
  readonly resolver: NameResolver;
  /** What is known of the health of targets. */
  readonly health: HealthBoard;
  readonly realIp: RealIpRules;
  readonly nextRequestId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  close(): Promise<void>;
}

/** @param health for a worker, whose primary decides about it; absent: this process decides */
export function createRuntime(
  settings: Settings,
  log: Logger,
  health: HealthBoard = createHealthBoard({ log }),
): Runtime {
  const pools = createPools(settings, log);
  const resolver = createResolver(settings.dns, log);
  return {
    settings,
    log,
    pools,
    resolver,
    health,
    realIp: {
      trusted: compileTrust(settings.trustedIps),
      header: settings.realIpHeader,
      recursive: settings.realIpRecursive,
    },
    nextRequestId: createRequestIds(),
    now: Date.now,
    async close() {
      resolver.close();
      await pools.close();
    },
  };
}
