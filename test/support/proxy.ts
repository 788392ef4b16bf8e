/** A proxy in this process, in front of one upstream, with plugins made by the test. */
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { compileGateway } from '../../src/gateway/compile.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createRuntime, type Runtime } from '../../src/gateway/runtime.ts';
import { SILENT } from '../../src/log.ts';
import type { PluginPhases } from '../../src/plugin.ts';
import { startProxyServer, type ProxyServer } from '../../src/server/proxy-server.ts';
import type { Settings } from '../../src/settings/types.ts';
import { buildConfig, type WrittenEntities } from './config.ts';
import { testSettings } from './settings.ts';

export interface ProxyOptions {
  readonly upstreamPort: number;
  /** Run on every request, in this order. */
  readonly phases?: readonly PluginPhases[];
  readonly settings?: Partial<Settings>;
  readonly service?: Readonly<Record<string, unknown>>;
  readonly route?: Readonly<Record<string, unknown>>;
  readonly upstreams?: readonly { readonly name: string; readonly targets: readonly string[] }[];
  /** Beside the one service and the one route. */
  readonly entities?: WrittenEntities;
  readonly defaultTls?: { readonly cert: string; readonly key: string };
  readonly sendTimeoutMs?: number;
}

export interface TestProxy {
  readonly server: ProxyServer;
  /** The first listener's. */
  readonly port: number;
  /** Every listener's. */
  readonly ports: readonly number[];
  /** What the gateway logs with, and who hears it. */
  readonly log: Runtime['log'];
  readonly logTap: Runtime['services']['logTap'];
  /** Lines of the access log. */
  readonly accessLines: readonly string[];
  /** Swaps to an equal gateway; `closed` resolves when the old one is let go. */
  swap(): { readonly closed: Promise<void> };
}

/** Puts the plugins of a test in place of the compiled ones. */
function withPhases(gateway: Gateway, phases: readonly PluginPhases[]): Gateway {
  const chain = { base: phases, forConsumer: () => phases };
  const { router } = gateway;
  return {
    ...gateway,
    measures: phases.some(({ measures }) => measures === true),
    unmatched: chain,
    router: {
      ...router,
      match(question) {
        const match = router.match(question);
        return match && { ...match, target: { ...match.target, chain } };
      },
    },
  };
}

function makeGateway(runtime: Runtime, options: ProxyOptions): Gateway {
  const id = '00000000-0000-4000-8000-00000000000a';
  const config = buildConfig({
    ...options.entities,
    services: [
      { id, name: 's', host: '127.0.0.1', port: options.upstreamPort, ...options.service },
    ],
    routes: [{ name: 'r', service: { id }, paths: ['/'], strip_path: false, ...options.route }],
    upstreams: options.upstreams?.map(({ name }) => ({ id: name, name })) ?? [],
    targets: (options.upstreams ?? []).flatMap(({ name, targets }) =>
      targets.map((target) => ({ target, upstream: { id: name } })),
    ),
  });
  const gateway = compileGateway(config, runtime);
  return options.phases === undefined ? gateway : withPhases(gateway, options.phases);
}

/** Starts it with one route, `/`; it ends with the test. */
export async function startProxy(t: TestContext, options: ProxyOptions): Promise<TestProxy> {
  const runtime = createRuntime(testSettings(options.settings), SILENT);
  const accessLines: string[] = [];
  let gateway = makeGateway(runtime, options);
  const server = await startProxyServer({
    runtime,
    gateway,
    defaultTls: options.defaultTls,
    sendTimeoutMs: options.sendTimeoutMs,
    accessLog: (line) => void accessLines.push(line),
  });
  t.after(async () => {
    await server.drain(0);
    await gateway.close();
    await runtime.close();
  });
  const ports = server.addresses().map(({ port }: AddressInfo) => port);
  return {
    server,
    ports,
    log: runtime.log,
    logTap: runtime.services.logTap,
    port: ports[0] ?? 0,
    accessLines,
    swap() {
      gateway = makeGateway(runtime, options);
      return { closed: server.swap(gateway) };
    },
  };
}
