/** Services and Upstreams → where requests go: peers, balancers and TLS, made once per load. */
import type {
  CaCertificate,
  Certificate,
  Config,
  Service,
  Target,
  Upstream,
} from '../config/types.ts';
import { createSecretResolver } from '../config/secrets.ts';
import { Balancer } from '../proxy/balancer/balancer.ts';
import { createPeerSource } from '../proxy/peers.ts';
import type { UpstreamTarget } from '../proxy/call.ts';
import { compileProbeTls, compileUpstreamTls, type TlsLookups } from '../proxy/tls.ts';
import type { PeerSource } from '../proxy/types.ts';
import type { Runtime } from './runtime.ts';

export interface CompiledUpstreams {
  /** By service id. */
  readonly targets: ReadonlyMap<string, UpstreamTarget>;
  /** Of every Upstream, by its id: their health is of interest whether a Service has them or not. */
  readonly balancers: ReadonlyMap<string, Balancer>;
  close(): void;
}

type Reveal = (text: string) => string;
type Lookups = Omit<TlsLookups, 'upstream'>;

export function compileUpstreams(
  config: Config,
  runtime: Runtime,
  reveal: Reveal,
): CompiledUpstreams {
  const { services, upstreams } = config.entities;
  const lookups = tlsLookups(config, reveal);
  const balancers = compileBalancers(config, runtime, lookups);
  const sources = new Map(upstreams.map(({ id, name }) => [name, balancers.get(id)]));
  const close = (): void => {
    for (const balancer of balancers.values()) balancer.close();
  };
  try {
    const targets = new Map(
      services.map((service) => [
        service.id,
        targetOf(service, { runtime, lookups, balancer: sources.get(service.host) }),
      ]),
    );
    return { targets, balancers, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The balancers alone, for a process that watches their health and carries no traffic. */
export function compileWatchedBalancers(
  config: Config,
  runtime: Runtime,
): ReadonlyMap<string, Balancer> {
  // What it has to say was said when the whole config was compiled.
  const reveal = secretResolver(config, runtime, () => {});
  return compileBalancers(config, runtime, tlsLookups(config, reveal));
}

/** Resolves `{vault://…}` in what a config holds. */
export function secretResolver(
  config: Config,
  { settings }: Runtime,
  warn: (message: string) => void,
): Reveal {
  return createSecretResolver(config, { env: process.env, prefix: settings.vaultEnvPrefix, warn });
}

function compileBalancers(
  { entities }: Config,
  { settings, resolver, health, now }: Runtime,
  lookups: Lookups,
): ReadonlyMap<string, Balancer> {
  const targetsOf = groupTargets(entities.targets);
  return new Map(
    entities.upstreams.map((upstream) => {
      const targets = targetsOf.get(upstream.id) ?? [];
      const probeTls = compileProbeTls(upstream, lookups, settings);
      return [
        upstream.id,
        new Balancer({ upstream, targets, resolver, health, probeTls, now }),
      ] as const;
    }),
  );
}

const GRPC: ReadonlySet<string> = new Set(['grpc', 'grpcs']);

interface TargetParts {
  readonly runtime: Runtime;
  readonly lookups: Lookups;
  /** Of the Upstream that the Service's host names. */
  readonly balancer: Balancer | undefined;
}

function targetOf(service: Service, { runtime, lookups, balancer }: TargetParts): UpstreamTarget {
  const { host, port } = service;
  const { settings, resolver } = runtime;
  const upstream: Upstream | undefined = balancer?.upstream;
  const peers: PeerSource = balancer ?? createPeerSource({ host, port, resolver });
  return {
    peers,
    tls: compileUpstreamTls(service, { ...lookups, upstream }, settings),
    speaks: GRPC.has(service.protocol) ? 'h2' : 'http/1.1',
    retries: service.retries,
    connectTimeoutMs: service.connect_timeout,
    writeTimeoutMs: service.write_timeout,
    readTimeoutMs: service.read_timeout,
  };
}

function tlsLookups({ entities }: Config, reveal: Reveal): Lookups {
  const certificates = new Map(
    entities.certificates.map((entity): [string, Certificate] => [
      entity.id,
      { ...entity, cert: reveal(entity.cert), key: reveal(entity.key) },
    ]),
  );
  const authorities = new Map(
    entities.ca_certificates.map((entity): [string, CaCertificate] => [entity.id, entity]),
  );
  return {
    certificate: (id) => certificates.get(id),
    caCertificate: (id) => authorities.get(id),
  };
}

function groupTargets(targets: readonly Target[]): ReadonlyMap<string, Target[]> {
  const groups = new Map<string, Target[]>();
  for (const target of targets) {
    const group = groups.get(target.upstream.id) ?? [];
    group.push(target);
    groups.set(target.upstream.id, group);
  }
  return groups;
}
