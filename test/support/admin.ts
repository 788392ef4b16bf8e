/** An Admin or Status API on a real socket over a config made by hand, and a client for it. */
import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createMetricStore } from '../../src/metrics/store.ts';
import type { TestContext } from 'node:test';
import {
  createAdminHandler,
  createAuditTrail,
  createStatusHandler,
  type AdminDeps,
  type AdminPlugins,
  type AdminSettings,
} from '../../src/admin/index.ts';
import { BUNDLED_SCHEMAS, PLUGIN_NAMES } from '../../src/config/schemas.ts';
import { pluginPriority } from '../../src/gateway/plugins.ts';
import { createKeyAdmin } from '../../src/keys/admin.ts';
import { openFileStore } from '../../src/keys/file-store.ts';
import { createKeyHost } from '../../src/keys/host.ts';
import { SILENT } from '../../src/log.ts';
import { buildConfig } from './config.ts';
import { testListener, testSettings } from './settings.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body, or `undefined` when it is no JSON. */
  readonly json: unknown;
}

export interface AdminQuestion {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Ask = (question: AdminQuestion | string) => Promise<AdminAnswer>;

export const ADMIN_SETTINGS: AdminSettings = testSettings({
  hostname: 'gw-1',
  nodeId: 'b3a0b9a4-8f0c-4f3e-9b0e-0d6b1f0f7a11',
  adminListen: [testListener()],
  statusListen: [testListener()],
  adminMaxBodyBytes: 1_000_000,
  logLevel: 'notice',
  effective: new Map<string, unknown>([['log_level', 'notice']]),
});

/** Settings of a listener that other machines reach: pages are no danger, a token guards it. */
export const OPEN_SETTINGS: AdminSettings = {
  ...ADMIN_SETTINGS,
  adminListen: [testListener({ host: '0.0.0.0' })],
};

export const ADMIN_DEPS: AdminDeps = {
  settings: ADMIN_SETTINGS,
  namedTokens: () => Promise.resolve([]),
  plugins: () => PLUGINS,
  config: () => EMPTY,
  apply: () => Promise.resolve({ kind: 'busy' }),
  node: () => ({
    pids: { master: 12, workers: [15, 16] },
    connections: {
      accepted: 9,
      handled: 9,
      active: 2,
      reading: 0,
      writing: 1,
      waiting: 1,
      requests: 14,
    },
    memory: [
      { pid: 16, heapUsedBytes: 1_048_576 },
      { pid: 15, heapUsedBytes: 2_097_152 },
    ],
    readiness: { kind: 'ready' },
  }),
  balancer: () => undefined,
  metrics: () => createMetricStore(),
  keys: createKeyAdmin(
    createKeyHost({
      outbound: { request: () => Promise.reject(new Error('this test calls nobody')) },
      openStore: () => openFileStore('/nonexistent/data'),
      log: SILENT,
    }),
  ),
  answerCaches: () => [],
  audit: createAuditTrail(
    () => undefined,
    () => BUNDLED_SCHEMAS,
  ),
  drain() {},
  log: SILENT,
};
const EMPTY = buildConfig({});
const PLUGINS: AdminPlugins = {
  enabled: PLUGIN_NAMES.map((name) => ({ name, priority: pluginPriority(name) })),
  schemas: BUNDLED_SCHEMAS,
};

/** Serves the API until the test ends and returns its port. */
export async function startAdmin(
  t: TestContext,
  deps: Partial<AdminDeps> = {},
  api: 'admin' | 'status' = 'admin',
): Promise<number> {
  const create = api === 'admin' ? createAdminHandler : createStatusHandler;
  const server = createServer(create({ ...ADMIN_DEPS, ...deps }));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  return address.port;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends one request on a connection of its own. */
export async function askAdmin(
  port: number,
  question: AdminQuestion | string,
): Promise<AdminAnswer> {
  const { method, path, headers, body } =
    typeof question === 'string' ? { path: question } : { ...question };
  const given = new Map(Object.entries(headers ?? {}));
  if (body !== undefined) given.set('Content-Length', String(Buffer.byteLength(body)));
  const req = request({
    host: '127.0.0.1',
    port,
    method: method ?? 'GET',
    path,
    headers: Object.fromEntries(given),
    agent: false,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', resolve).once('error', reject);
  });
  req.end(body);
  const res = await answered;
  res.setEncoding('utf8');
  const chunks: string[] = [];
  for await (const chunk of res) chunks.push(String(chunk));
  const text = chunks.join('');
  return { status: res.statusCode ?? 0, headers: res.headers, text, json: parse(text) };
}

/** Starts an API and gives the function that asks it. */
export async function adminClient(
  t: TestContext,
  deps: Partial<AdminDeps> = {},
  api: 'admin' | 'status' = 'admin',
): Promise<Ask> {
  const port = await startAdmin(t, deps, api);
  return (question) => askAdmin(port, question);
}
