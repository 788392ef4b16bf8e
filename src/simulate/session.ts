/** A gateway that touches nothing, and the requests that it is given. */
import type { Config } from '../config/types.ts';
import { compileGateway, type CompileOptions } from '../gateway/compile.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Outcome } from '../plugin.ts';
import type { SimulatedRequest } from './client.ts';
import { simulateRequest, type Simulated } from './run.ts';
import { createSimulatedRuntime, withoutRedis, type SimulationOptions } from './runtime.ts';
import type { UpstreamRequest } from './upstream.ts';

export interface Session {
  readonly gateway: Gateway;
  /** Runs the request, and then the log phase of those plugins that count in it. */
  send(request: SimulatedRequest): Promise<SessionResult>;
  close(): Promise<void>;
}

export interface SessionResult extends Simulated {
  readonly outcome: Outcome;
  /** One for each try that was made at an upstream. */
  readonly asked: readonly UpstreamRequest[];
}

/** Throws ConfigError. @param load what belongs to the load of the config */
export function openSession(
  config: Config,
  load: CompileOptions,
  options: SimulationOptions,
): Session {
  let asked: UpstreamRequest[] = [];
  const runtime = createSimulatedRuntime({
    ...options,
    upstream(request) {
      asked.push(request);
      return options.upstream(request);
    },
  });
  let gateway: Gateway;
  try {
    gateway = compileGateway(withoutRedis(config), runtime, load);
  } catch (error) {
    void runtime.close();
    throw error;
  }
  return {
    gateway,
    async send(request) {
      asked = [];
      const simulated = await simulateRequest(gateway, request);
      const outcome = simulated.exchange.close(!simulated.answer.isCut);
      return { ...simulated, outcome, asked };
    },
    async close() {
      await gateway.close();
      await runtime.close();
    },
  };
}
