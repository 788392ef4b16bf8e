/** The plugins of this build (an import list, not a folder scan), and the set of them that a config may use. */
import { BUNDLED_SCHEMAS, type PluginSchemas } from '../config/schemas.ts';
import type { PluginEntity } from '../config/types.ts';
import type { OwnPlugin } from '../own-plugins/types.ts';
import type { Plugin, PluginBuild, PluginPhases } from '../plugin.ts';
import { acl } from '../plugins/acl/index.ts';
import { basicAuth } from '../plugins/basic-auth/index.ts';
import { botDetection } from '../plugins/bot-detection/index.ts';
import { correlationId } from '../plugins/correlation-id/index.ts';
import { cors } from '../plugins/cors/index.ts';
import { fileLog } from '../plugins/file-log/index.ts';
import { hmacAuth } from '../plugins/hmac-auth/index.ts';
import { httpLog } from '../plugins/http-log/index.ts';
import { ipRestriction } from '../plugins/ip-restriction/index.ts';
import { jwt } from '../plugins/jwt/index.ts';
import { jwtSigner } from '../plugins/jwt-signer/index.ts';
import { keyAuth } from '../plugins/key-auth/index.ts';
import { loggly } from '../plugins/loggly/index.ts';
import { opentelemetry } from '../plugins/opentelemetry/index.ts';
import { prometheus } from '../plugins/prometheus/index.ts';
import { proxyCache } from '../plugins/proxy-cache/index.ts';
import { rateLimiting } from '../plugins/rate-limiting/index.ts';
import { redirect } from '../plugins/redirect/index.ts';
import { requestSizeLimiting } from '../plugins/request-size-limiting/index.ts';
import { requestTermination } from '../plugins/request-termination/index.ts';
import { requestTransformer } from '../plugins/request-transformer/index.ts';
import { responseRatelimiting } from '../plugins/response-ratelimiting/index.ts';
import { responseTransformer } from '../plugins/response-transformer/index.ts';
import { silverbackJwks } from '../plugins/silverback-jwks/index.ts';
import { statsd } from '../plugins/statsd/index.ts';
import { syslog } from '../plugins/syslog/index.ts';
import { tcpLog } from '../plugins/tcp-log/index.ts';
import { udpLog } from '../plugins/udp-log/index.ts';
import { zipkin } from '../plugins/zipkin/index.ts';

const PLUGINS: ReadonlyMap<string, Plugin<never>> = new Map(
  [
    acl,
    basicAuth,
    botDetection,
    correlationId,
    cors,
    fileLog,
    hmacAuth,
    httpLog,
    ipRestriction,
    jwt,
    jwtSigner,
    keyAuth,
    loggly,
    opentelemetry,
    prometheus,
    proxyCache,
    rateLimiting,
    redirect,
    requestSizeLimiting,
    requestTermination,
    requestTransformer,
    responseRatelimiting,
    responseTransformer,
    silverbackJwks,
    statsd,
    syslog,
    tcpLog,
    udpLog,
    zipkin,
  ].map((plugin) => [plugin.name, plugin]),
);

/** Names of the plugins that can be enabled. */
export const PLUGIN_NAMES: readonly string[] = [...PLUGINS.keys()].toSorted();

/** What the entries of one config may name: the plugins of this build, and those of the user's own. */
export interface PluginSet {
  readonly schemas: PluginSchemas;
  readonly own: readonly OwnPlugin[];
  priority(name: string): number;
  /** Compiles one entry. Throws ConfigError with paths below its `config`. */
  compile(entity: PluginEntity, build: PluginBuild): PluginPhases;
}

/** @param own with names that nobody else has */
export function pluginSet(own: readonly OwnPlugin[]): PluginSet {
  const plugins = new Map([...PLUGINS, ...own.map(({ plugin }) => [plugin.name, plugin] as const)]);
  const find = (name: string): Plugin<never> => {
    const plugin = plugins.get(name);
    if (plugin === undefined) throw new TypeError(`there is no plugin ${name}`);
    return plugin;
  };
  return {
    own,
    schemas: new Map([
      ...BUNDLED_SCHEMAS,
      ...own.map(({ plugin, schema }) => [plugin.name, schema] as const),
    ]),
    priority: (name) => find(name).priority,
    compile: (entity, build) =>
      // The one cast of the program: the loader validated this config against this plugin's schema.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
      find(entity.name).compile(entity.config as never, build),
  };
}

/** The plugins of this build and no others. */
export const BUNDLED: PluginSet = pluginSet([]);

export const pluginPriority = (name: string): number => BUNDLED.priority(name);
