/** What a config compiles to: everything a request needs, and nothing it has to work out. */
import type { Config, Route, Service } from '../config/types.ts';
import type { GatewayResponse } from '../http/response.ts';
import type { Balancer } from '../proxy/balancer/balancer.ts';
import type { UpstreamTarget } from '../proxy/call.ts';
import type { Router } from '../router/types.ts';
import type { CertificateStore } from './certificates.ts';
import type { ChainCompiler, RouteChain } from './chain.ts';
import type { Runtime } from './runtime.ts';

/** One route with all it leads to. */
export interface CompiledRoute {
  readonly route: Route;
  readonly service: Service | undefined;
  /** Where accepted requests go, or the answer to them when there is nowhere to go. */
  readonly upstream: UpstreamTarget | GatewayResponse;
  readonly chain: RouteChain;
  /** False when the route's `protocols` refuse nothing: most of them. */
  readonly restrictsProtocols: boolean;
}

export interface Gateway {
  readonly runtime: Runtime;
  readonly config: Config;
  readonly router: Router<CompiledRoute>;
  /** Global plugins: their response side runs on answers to requests that match no route. */
  readonly unmatched: RouteChain;
  /** Made the chains; says why they are what they are. */
  readonly chains: ChainCompiler;
  /** A plugin wants to know the sizes of requests. */
  readonly measures: boolean;
  readonly certificates: CertificateStore;
  /** Of every Upstream, by its id. */
  readonly balancers: ReadonlyMap<string, Balancer>;
  /** Called once the last request is over: closes what plugins and peers hold. */
  close(): Promise<void>;
}
