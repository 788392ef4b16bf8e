/** Requests through the compiled phases of the proxy-cache plugin: from the cache or from the upstream. */
import assert from 'node:assert/strict';
import { applyPluginDefaults } from '../../src/config/defaults.ts';
import type { ProxyCacheConfig } from '../../src/config/schema-types.ts';
import { validatePluginConfig } from '../../src/config/validate.ts';
import {
  FakeContext,
  fakeBuild,
  type FakeRequest,
} from '../../src/gateway/fake-context.test.fixture.ts';
import { headerValue, type HeaderList } from '../../src/http/headers.ts';
import type { PluginBuild, PluginPhases, ResponseHead } from '../../src/plugin.ts';
import { proxyCache } from '../../src/plugins/proxy-cache/index.ts';

export const START = Date.parse('2026-11-25T13:30:15.000Z');

const isConfig = (value: unknown): value is ProxyCacheConfig =>
  typeof value === 'object' && value !== null && 'strategy' in value;

export interface Clock {
  now: number;
}

export function compile(
  fields: object,
  clock: Clock = { now: START },
  build?: PluginBuild,
): PluginPhases {
  const given = { strategy: 'memory', ...fields };
  assert.deepEqual(validatePluginConfig('proxy-cache', given), []);
  const config: unknown = applyPluginDefaults('proxy-cache', given);
  assert.ok(isConfig(config));
  return proxyCache.compile(config, build ?? fakeBuild({}, () => clock.now));
}

export interface Upstream {
  readonly status?: number;
  readonly headers?: HeaderList;
  readonly body?: string;
  readonly source?: ResponseHead['source'];
  /** The body does not come to its end. */
  readonly isCut?: boolean;
}

interface Answer {
  readonly status: number;
  /** X-Cache-Status. */
  readonly cache: string | undefined;
  readonly headers: HeaderList;
  readonly body: string;
}

/** One request: from the cache, or from the upstream through the response phases. */
export async function ask(
  phases: PluginPhases,
  request: FakeRequest = {},
  upstream: Upstream = {},
  prepare: (ctx: FakeContext) => void = () => {},
): Promise<Answer> {
  const ctx = new FakeContext(request);
  prepare(ctx);
  const made = await phases.access?.(ctx);
  if (made !== undefined) {
    assert.ok(made.kind === 'exit');
    const headers = [...made.headers];
    const body = Buffer.from(made.body ?? '').toString();
    return { status: made.status, cache: headerValue(headers, 'x-cache-status'), headers, body };
  }
  const { status = 200, body = 'fresh', source = 'upstream' } = upstream;
  const headers = [...(upstream.headers ?? ['Content-Type', 'text/plain'])];
  const head: ResponseHead = { status, headers, source };
  phases.headerFilter?.(ctx, head);
  if (phases.filtersBody?.(ctx, head) !== false) {
    assert.equal(phases.bodyFilter?.(ctx, Buffer.from(body))?.toString(), body);
    if (upstream.isCut !== true) assert.equal(phases.bodyFilter?.(ctx, undefined), undefined);
  }
  return { status, cache: headerValue(headers, 'x-cache-status'), headers, body };
}

/** What two equal requests find. */
export async function twice(phases: PluginPhases, request?: FakeRequest, upstream?: Upstream) {
  const first = await ask(phases, request, upstream);
  const second = await ask(phases, request, upstream);
  return `${first.cache} ${second.cache}`;
}

export const typed = (type: string): Upstream => ({ headers: ['Content-Type', type] });
export const saying = (value: string, ...more: string[]): Upstream => ({
  headers: ['Content-Type', 'text/plain', 'Cache-Control', value, ...more],
});
export const demanding = (value: string): FakeRequest => ({ headers: ['Cache-Control', value] });
