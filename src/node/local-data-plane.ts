/** The data plane of one process. */
import { createLocalAnswers } from '../answer-cache/local.ts';
import { openCache } from '../answer-cache/strategy.ts';
import type { Config } from '../config/types.ts';
import { compileGateway, type CompileOptions } from '../gateway/compile.ts';
import { createRuntime } from '../gateway/runtime.ts';
import { startProxyServer } from '../server/proxy-server.ts';
import { createMetricStore } from '../metrics/store.ts';
import { undici } from '../undici.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { DataPlane, DataPlaneOptions } from './data-plane.ts';

/** Prepared configs wait here for their commit: the first half of a change in all workers at once. */
export interface LocalDataPlane extends DataPlane {
  /** Compiles without serving. Throws ConfigError. */
  compile(config: Config, from?: CompileOptions): Gateway;
  /** Serves what was compiled, from the next request on. */
  serve(gateway: Gateway): void;
}

/** Compiles the first config and opens the listeners. Rejects with ConfigError or the system's error. */
export async function startLocalDataPlane(options: DataPlaneOptions): Promise<LocalDataPlane> {
  const { settings, logs, defaultTls, shared } = options;
  // The first request should not wait for it.
  undici();
  const answers = createLocalAnswers(settings.memCacheBytes, Date.now);
  const metrics = createMetricStore();
  const runtime = createRuntime(settings, logs.proxy, { answers, metrics, ...shared });
  const compile: LocalDataPlane['compile'] = (config, from) =>
    compileGateway(config, runtime, from);
  const gateway = compile(options.config, options.compile);
  const accessLog = logs.proxyAccess;
  const server = await startProxyServer({ runtime, gateway, defaultTls, accessLog });
  let current = gateway;
  const serve = (next: Gateway): void => {
    current = next;
    server.swap(next).catch((err: unknown) => {
      logs.proxy.error({ err }, 'the config before this one could not be closed');
    });
  };
  return {
    addresses: () => server.addresses(),
    compile,
    serve,
    async apply(config, from, prepared) {
      const next = compile(config, from);
      try {
        await prepared?.();
      } catch (error) {
        await next.close();
        throw error;
      }
      serve(next);
    },
    status: () => [
      {
        pid: process.pid,
        ...server.counters(),
        heapUsedBytes: process.memoryUsage().heapUsed,
        ready: true,
      },
    ],
    balancers: () => current.balancers,
    openCache: (fields) => openCache(fields, { answers, redis: runtime.services.redis }),
    metrics: () => metrics,
    ended: () => ({ accepted: 0, requests: 0 }),
    async drain(graceMs) {
      const finished = await server.drain(graceMs);
      await runtime.close();
      return finished;
    },
    reopenLogs: () => logs.reopen(),
    failed: new Promise(() => {}),
  };
}
