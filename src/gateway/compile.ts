/** Config → Gateway: regexes, keys, chains and peers are made here, once per load. May fail; serving may not. */
import type { Config, EntityKind, PluginEntity, Service } from '../config/types.ts';
import { ConfigError, type ConfigPath, type ConfigIssue, type SourceRange } from '../errors.ts';
import { errorResponse } from '../http/response.ts';
import type { PluginPhases } from '../plugin.ts';
import { compileRouter } from '../router/compile.ts';
import { compilePattern } from '../router/regex.ts';
import { restrictsProtocols } from '../router/protocols.ts';
import type { RouteEntry } from '../router/types.ts';
import { compileCertificates, type CertificateStore } from './certificates.ts';
import { createChainCompiler, type ChainCompiler, type CompiledPlugin } from './chain.ts';
import type { CompiledRoute, Gateway } from './gateway.ts';
import { createLookups, type Lookups } from './lookups.ts';
import { BUNDLED, type PluginSet } from './plugins.ts';
import type { Runtime } from './runtime.ts';
import { instrumentPhases } from './instrumented.ts';
import { compileUpstreams, secretResolver, type CompiledUpstreams } from './upstreams.ts';

/** Where entities stand in the source, so that what fails to compile can be pointed at. */
export interface EntitySources {
  pathOf(entityId: string): ConfigPath;
  locate(entityId: string, below: ConfigPath): SourceRange | undefined;
}

/** What belongs to one load beside its config. */
export interface CompileOptions {
  readonly sources?: EntitySources | undefined;
  /** Those that the config was checked with; absent: the plugins of this build. */
  readonly plugins?: PluginSet | undefined;
}

/**
 * Builds all of the new beside the old. Throws ConfigError with every entry that does not compile;
 * what was already built is closed again.
 */
export function compileGateway(
  config: Config,
  runtime: Runtime,
  { sources, plugins: available = BUNDLED }: CompileOptions = {},
): Gateway {
  const reveal = secretResolver(config, runtime, (message) => runtime.log.warn({}, message));
  const lookups = createLookups(config, reveal);
  const plugins = compilePlugins(config, { available, lookups, runtime, reveal, sources });
  try {
    return assemble(config, { runtime, plugins, lookups, reveal, sources });
  } catch (error) {
    void closePlugins(plugins, runtime);
    throw error;
  }
}

interface Assembly {
  readonly runtime: Runtime;
  readonly plugins: readonly CompiledPlugin[];
  readonly lookups: Lookups;
  readonly reveal: (text: string) => string;
  readonly sources: EntitySources | undefined;
}

/** Puts the compiled plugins and the rest of the config together. */
function assemble(config: Config, assembly: Assembly): Gateway {
  const { runtime, reveal } = assembly;
  // Before the upstreams, whose client certificates are among them.
  const certificates = loadCertificates(config, assembly);
  const upstreams = compileUpstreams(config, runtime, reveal);
  try {
    return build(config, { ...assembly, certificates, upstreams });
  } catch (error) {
    upstreams.close();
    throw error;
  }
}

interface Built extends Assembly {
  readonly certificates: CertificateStore;
  readonly upstreams: CompiledUpstreams;
}

function build(config: Config, built: Built): Gateway {
  const { runtime, plugins, lookups, certificates, upstreams } = built;
  const chains = createChainCompiler(plugins, (id) => lookups.groupIdsOf(id));
  return Object.freeze({
    runtime,
    config,
    router: compileRouter(routeEntries(config, chains, upstreams), {
      portMaps: runtime.settings.portMaps,
    }),
    unmatched: chains.compile(undefined, undefined),
    chains,
    measures: plugins.some(({ phases }) => phases.measures === true),
    certificates,
    balancers: upstreams.balancers,
    async close() {
      upstreams.close();
      await closePlugins(plugins, runtime);
    },
  });
}

function routeEntries(
  { entities }: Config,
  chains: ChainCompiler,
  upstreams: CompiledUpstreams,
): readonly RouteEntry<CompiledRoute>[] {
  const services = new Map(entities.services.map((service) => [service.id, service]));
  const entries: RouteEntry<CompiledRoute>[] = [];
  for (const route of entities.routes) {
    const service = route.service === null ? undefined : services.get(route.service.id);
    // Routes of a disabled service do not exist.
    if (service?.enabled === false) continue;
    const target = {
      route,
      service,
      upstream: upstreamOf(service, upstreams),
      chain: chains.compile(route.id, service?.id),
      restrictsProtocols: restrictsProtocols(route),
    };
    entries.push({ route, target });
  }
  return entries;
}

/** Throws ConfigError with every certificate that cannot be loaded. */
function loadCertificates(
  config: Config,
  { runtime, reveal, sources }: Assembly,
): CertificateStore {
  const issues: ConfigIssue[] = [];
  const store = compileCertificates(config, {
    settings: runtime.settings,
    reveal,
    report(id, issue) {
      issues.push(locateIssue({ kind: 'certificates', id, below: [] }, issue, sources));
    },
  });
  if (issues.length > 0) throw new ConfigError(issues);
  return store;
}

/** Each of them once; one that fails keeps no other from it. Never rejects. */
async function closePlugins(plugins: readonly CompiledPlugin[], runtime: Runtime): Promise<void> {
  await Promise.all(
    plugins.map(async ({ entity, phases }) => {
      try {
        await phases.close?.();
      } catch (error) {
        runtime.log.error({ err: error, plugin: entity.name }, 'a plugin did not close');
      }
    }),
  );
}

const NO_SERVICE = errorResponse(503, 'no Service found with those values');

function upstreamOf(
  service: Service | undefined,
  upstreams: CompiledUpstreams,
): CompiledRoute['upstream'] {
  if (service === undefined) return NO_SERVICE;
  return upstreams.targets.get(service.id) ?? NO_SERVICE;
}

interface PluginsContext {
  readonly available: PluginSet;
  readonly lookups: Lookups;
  readonly runtime: Runtime;
  readonly reveal: (text: string) => string;
  readonly sources: EntitySources | undefined;
}

function compilePlugins(config: Config, context: PluginsContext): CompiledPlugin[] {
  const compiled: CompiledPlugin[] = [];
  const issues: ConfigIssue[] = [];
  for (const entity of config.entities.plugins) {
    if (!entity.enabled) continue;
    try {
      const phases = compileOne(entity, context);
      compiled.push({ entity, priority: context.available.priority(entity.name), phases });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const place: Place = { kind: 'plugins', id: entity.id, below: ['config'] };
      issues.push(...error.issues.map((issue) => locateIssue(place, issue, context.sources)));
    }
  }
  if (issues.length > 0) {
    void closePlugins(compiled, context.runtime);
    throw new ConfigError(issues);
  }
  return compiled;
}

function compileOne(
  entity: PluginEntity,
  { available, lookups, runtime, reveal }: PluginsContext,
): PluginPhases {
  const compiled = available.compile(entity, {
    entity,
    lookups,
    log: runtime.log.child({ plugin: entity.name, plugin_id: entity.id }),
    services: runtime.services,
    nodeId: runtime.settings.nodeId,
    hostname: runtime.settings.hostname,
    now: runtime.now,
    compileRegex: compilePattern,
    reveal,
    trace: runtime.traceOf?.(entity),
  });
  const phases =
    runtime.tracer === undefined
      ? compiled
      : instrumentPhases(entity.name, compiled, runtime.tracer);
  return runtime.wrapPhases?.(entity, phases) ?? phases;
}

/** The part of an entity that an issue's path begins at. */
interface Place {
  readonly kind: EntityKind;
  readonly id: string;
  readonly below: ConfigPath;
}

/** What fails to compile speaks of its own part; the operator needs the place in the file. */
function locateIssue(
  { kind, id, below: start }: Place,
  issue: ConfigIssue,
  sources: EntitySources | undefined,
): ConfigIssue {
  const below: ConfigPath = [...start, ...issue.path];
  const path = [...(sources?.pathOf(id) ?? [kind, id]), ...below];
  const position = sources?.locate(id, below);
  return { ...issue, path, ...(position === undefined ? {} : { position }) };
}
