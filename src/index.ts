/** The public API: a gateway inside another program, the check of a declarative config, and plugins of one's own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type ConfigIssue } from './errors.ts';
import { PLUGIN_NAMES } from './gateway/plugins.ts';
import { createLoader } from './node/documents.ts';
import { startNode } from './node/start.ts';
import { loadSettings } from './settings/load.ts';

export { ConfigError, SettingsError, type ConfigIssue, type SourcePosition } from './errors.ts';
export {
  definePlugin,
  type ConfigField,
  type ConfigOf,
  type ConfigRule,
  type ConfigSchema,
  type PluginDefinition,
  type PluginProtocol,
  type PluginScope,
} from './define-plugin.ts';
export {
  headerValue,
  headerValues,
  removeHeader,
  setHeader,
  type HeaderList,
} from './http/headers.ts';
export { errorResponse, exitJson, type GatewayResponse } from './http/response.ts';
export type { Logger } from './log.ts';
export {
  AUTHENTICATED_GROUPS,
  type Outcome,
  type PluginBuild,
  type PluginPhases,
  type RequestContext,
  type ResponseHead,
} from './plugin.ts';
export type { PluginServices } from './services.ts';

export interface GatewayOptions {
  /** By kong.conf name, e.g. `{ proxy_listen: '127.0.0.1:0' }`. The environment is not read. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The text of a declarative config. Absent: `declarative_config` of the settings, or none. */
  readonly config?: string;
}

export interface RunningGateway {
  /** Where it listens, in the order of the settings. */
  readonly proxy: readonly AddressInfo[];
  readonly admin: readonly AddressInfo[];
  readonly status: readonly AddressInfo[];
  /** Lets requests finish within `grace_period`, then cuts them. */
  close(): Promise<void>;
}

/** One process on free loopback ports, quiet, with a prefix of its own. */
const DEFAULTS = {
  nginx_worker_processes: '1',
  proxy_listen: '127.0.0.1:0',
  admin_listen: '127.0.0.1:0',
  status_listen: 'off',
  proxy_access_log: 'off',
  admin_access_log: 'off',
  admin_audit_log: 'off',
  history_versions: '0',
  log_level: 'error',
};

/**
 * Starts a gateway in this process (or, with more than one worker, below it). Rejects with
 * SettingsError, with ConfigError, or with the system's error for a port that cannot be had.
 */
export async function startGateway(options: GatewayOptions = {}): Promise<RunningGateway> {
  const prefix = mkdtempSync(join(tmpdir(), 'silverback-'));
  const removePrefix = (): void => rmSync(prefix, { recursive: true, force: true });
  try {
    const { settings, warnings } = loadSettings({
      readFile: (path) => readFileSync(path, 'utf8'),
      plugins: PLUGIN_NAMES,
      flags: {
        ...DEFAULTS,
        prefix,
        declarative_config_string: options.config,
        ...options.settings,
      },
    });
    const { proxy, admin, status, stop } = await startNode(settings, warnings);
    return {
      proxy,
      admin,
      status,
      async close() {
        await stop(settings.gracePeriodMs);
        removePrefix();
      },
    };
  } catch (error) {
    removePrefix();
    throw error;
  }
}

/** Every problem of a declarative config, YAML or JSON; none when it can be loaded. */
export function validate(text: string, file = 'kong.yaml'): readonly ConfigIssue[] {
  try {
    const load = createLoader({ plugins: PLUGIN_NAMES });
    load({ kind: 'text', text, file, format: 'auto' });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}
