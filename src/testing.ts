/** For the tests of own plugins: one plugin in a gateway that touches nothing, one request at a time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from './config/load.ts';
import type { ConfigSchema, PluginDefinition } from './define-plugin.ts';
import { ConfigError, OutboundError } from './errors.ts';
import { PLUGIN_NAMES, pluginSet, type PluginSet } from './gateway/plugins.ts';
import type { Logger } from './log.ts';
import { readDefinition } from './own-plugins/definition.ts';
import { loadOwnPlugins } from './own-plugins/load.ts';
import type { OwnPlugin } from './own-plugins/types.ts';
import { checkPattern } from './router/regex.ts';
import type { OutboundAnswer, OutboundRequest } from './services.ts';
import { loadSettings } from './settings/load.ts';
import type { UpstreamRequest } from './simulate/upstream.ts';
import { openSession, type SessionResult } from './simulate/session.ts';
import { throwawayKeysets } from './simulate/throwaway-keysets.ts';

/** What a test may say about the world around the plugin. */
export interface PluginTestOptions {
  /** As in kong.yaml: it is checked, and defaults are filled in. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** More of a declarative config: consumers with their credentials, other plugins, upstreams. */
  readonly entities?: Readonly<Record<string, readonly object[]>>;
  /** Answers for the upstream; by default 200 without a body. */
  readonly upstream?: (request: TestUpstreamRequest) => TestUpstreamAnswer;
  /** Answers for the servers that the plugin calls by `build.services.outbound`; by default none can be reached. */
  readonly outbound?: (request: OutboundRequest) => Promise<OutboundAnswer>;
  /** Milliseconds since the epoch; by default the time it is. */
  readonly now?: () => number;
}

export interface TestRequest {
  /** GET when absent. */
  readonly method?: string;
  /** Path and query; `/` when absent. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON. */
  readonly body?: string | Buffer | object;
  /** 127.0.0.1 when absent. */
  readonly clientAddress?: string;
}

/** The request as the upstream gets it. */
export interface TestUpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface TestUpstreamAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TestLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** All that came of one request. */
export interface TestResult {
  /** What the client gets. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The answer was cut off in the middle. */
  readonly isCut: boolean;
  /** `undefined` when the answer was made before the upstream was asked. */
  readonly upstream: TestUpstreamRequest | undefined;
  /** The username, or the id of who has none. */
  readonly consumer: string | undefined;
  /** What plugins left in `ctx.shared`. */
  readonly shared: ReadonlyMap<string, unknown>;
  /** What the plugin, and the gateway about it, has logged. */
  readonly logs: readonly TestLine[];
}

export interface PluginTest {
  /** The whole way of a request: access, upstream, headerFilter, bodyFilter, log. */
  readonly request: (request?: TestRequest) => Promise<TestResult>;
  /** Closes the plugin. */
  readonly close: () => Promise<void>;
}

/**
 * A plugin on a route that takes every request. Rejects with ConfigError when the plugin or its config is not
 * good; `issues` say why.
 * @param plugin its definition, or the path or file URL of its source, TypeScript or JavaScript
 */
export async function testPlugin<S extends ConfigSchema>(
  plugin: PluginDefinition<S> | string | URL,
  options: PluginTestOptions = {},
): Promise<PluginTest> {
  const own = await pluginOf(plugin);
  const plugins = pluginSet([own]);
  const { settings } = loadSettings({
    readFile: nothingThere,
    plugins: PLUGIN_NAMES,
    flags: { prefix: tmpdir() },
  });
  const loaded = load(own, plugins, options);
  const journal = createJournal();
  const { name } = own.plugin;
  const session = openSession(
    loaded.config,
    { sources: loaded, plugins },
    {
      settings,
      log: journal.log,
      now: options.now ?? Date.now,
      upstream: (request) => upstreamAnswer(options.upstream?.(seenBy(request)) ?? {}),
      outbound: { request: options.outbound ?? nobodyThere },
      keysets: throwawayKeysets(),
      // The plugin's own log phase is what is tested.
      wrapPhases: (entity, phases) =>
        entity.name === name ? { ...phases, logCounts: true } : phases,
    },
  );
  return {
    close: () => session.close(),
    async request(request = {}) {
      journal.clear();
      const result = await session.send(requestOf(request));
      // A log phase may be async.
      await new Promise((done) => setImmediate(done));
      return resultOf(result, journal.lines());
    },
  };
}

const nothingThere = (): never => {
  throw new Error('a test reads no settings');
};

const nobodyThere = (request: OutboundRequest): Promise<never> =>
  Promise.reject(
    new OutboundError('ERR_OUTBOUND_CONNECT', `the test answers nothing for ${request.url}`),
  );

async function pluginOf(plugin: object | string | URL): Promise<OwnPlugin> {
  if (typeof plugin === 'string' || plugin instanceof URL) return fromFile(plugin);
  const read = readDefinition({ default: plugin }, '');
  if (read.kind === 'plugin') return read.plugin;
  throw new ConfigError(
    read.problems.map((problem) => ({
      code: 'SB1412',
      path: [],
      message: `the plugin ${problem}`,
    })),
  );
}

async function fromFile(file: string | URL): Promise<OwnPlugin> {
  const isUrl = file instanceof URL || file.startsWith('file:');
  const path = isUrl ? fileURLToPath(file) : resolve(file);
  const folder = mkdtempSync(join(tmpdir(), 'silverback-plugins-'));
  try {
    const [plugin] = (await loadOwnPlugins([{ kind: 'file', path }], folder)).plugins;
    if (plugin === undefined) throw new TypeError(`no plugin came of ${path}`);
    return plugin;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PROTOCOLS = ['http', 'https'];

function load({ plugin, schema }: OwnPlugin, plugins: PluginSet, options: PluginTestOptions) {
  const { config = {}, entities = {} } = options;
  const entry = { name: plugin.name, config };
  const route = { name: 'test', paths: ['/'], protocols: PROTOCOLS, plugins: [entry] };
  const service = { name: 'test', url: 'http://upstream.test', routes: [route] };
  const document = {
    _format_version: '3.0',
    ...entities,
    services: [service, ...(entities['services'] ?? [])],
  };
  const text = JSON.stringify(document);
  return loadConfig(
    { kind: 'text', text, format: 'auto' },
    {
      plugins: [...PLUGIN_NAMES, schema.title],
      schemas: plugins.schemas,
      now: (options.now ?? Date.now)(),
      checkPathRegex: checkPattern,
    },
  );
}

function requestOf({ method = 'GET', path = '/', headers = {}, ...rest }: TestRequest) {
  const { body, clientAddress } = rest;
  const fields = Object.entries({ Host: 'gateway.test', ...headers });
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const hasType = fields.some(([name]) => name.toLowerCase() === 'content-type');
  if (isJson && !hasType) fields.push(['Content-Type', 'application/json']);
  return {
    method,
    target: path,
    scheme: 'http' as const,
    headers: fields.flat(),
    body: body === undefined ? undefined : bytesOf(body),
    clientAddress,
  };
}

function bytesOf(body: string | Buffer | object): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

const seenBy = ({ method, path, headers, body }: UpstreamRequest): TestUpstreamRequest => ({
  method,
  path,
  headers: headersOf(headers),
  body: body.toString('utf8'),
});

function upstreamAnswer({ status = 200, headers = {}, body = '' }: TestUpstreamAnswer) {
  return {
    kind: 'answer',
    status,
    headers: Object.entries(headers).flat(),
    body: Buffer.from(body),
  } as const;
}

function headersOf(list: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i < list.length; i += 2) headers.append(list[i] ?? '', list[i + 1] ?? '');
  return headers;
}

function resultOf(result: SessionResult, logs: readonly TestLine[]): TestResult {
  const { answer, ctx, asked } = result;
  const last = asked.at(-1);
  return {
    status: answer.status,
    headers: headersOf(answer.headers),
    body: answer.body.toString('utf8'),
    isCut: answer.isCut,
    upstream: last && seenBy(last),
    consumer: ctx.consumer?.username ?? ctx.consumer?.id,
    shared: ctx.shared,
    logs,
  };
}

interface Journal {
  readonly log: Logger;
  readonly lines: () => readonly TestLine[];
  readonly clear: () => void;
}

function createJournal(): Journal {
  let lines: TestLine[] = [];
  const loggerWith = (more: object): Logger => {
    const at =
      (level: TestLine['level']) =>
      (fields: object, message: string): void =>
        void lines.push({ level, message, fields: { ...more, ...fields } });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      fatal: at('fatal'),
      child: (fields) => loggerWith({ ...more, ...fields }),
    };
  };
  return { log: loggerWith({}), lines: () => [...lines], clear: () => void (lines = []) };
}
