/** One request through a gateway as any other, up to where the upstream would be asked. */
import type { Context } from '../gateway/context.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { CompiledRoute, Gateway } from '../gateway/gateway.ts';
import { handleRequest } from '../gateway/handle.ts';
import { recordingClient, type ClientAnswer, type SimulatedRequest } from './client.ts';

export interface Simulated {
  /** The state of the request after its answer. */
  readonly ctx: Context;
  readonly exchange: Exchange;
  readonly answer: ClientAnswer;
}

/** The log phase has not run; `exchange.close` runs it. */
export async function simulateRequest(
  gateway: Gateway,
  request: SimulatedRequest,
): Promise<Simulated> {
  const { client, answered } = recordingClient(request);
  const exchange = handleRequest(overHttp1(gateway), client);
  return { ctx: exchange.ctx, exchange, answer: await answered };
}

/** gRPC's own framing is its client's and upstream's affair: routes, plugins and heads are the same without. */
function overHttp1(gateway: Gateway): Gateway {
  const { router } = gateway;
  return {
    ...gateway,
    router: {
      ...router,
      match(question) {
        const match = router.match(question);
        return match && { ...match, target: asHttp1(match.target) };
      },
    },
  };
}

function asHttp1(target: CompiledRoute): CompiledRoute {
  const { upstream } = target;
  if ('status' in upstream || upstream.speaks === 'http/1.1') return target;
  return { ...target, upstream: { ...upstream, speaks: 'http/1.1' } };
}
