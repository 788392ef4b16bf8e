/** The proxy-cache plugin: each field of its config, keys, what is kept, and what clients may ask of a cache. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createLocalAnswers } from '../../answer-cache/local.ts';
import { applyPluginDefaults } from '../../config/defaults.ts';
import type { ProxyCacheConfig } from '../../config/schema-types.ts';
import { validatePluginConfig } from '../../config/validate.ts';
import {
  FakeContext,
  fakeBuild,
  fakeConsumer,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import { headerValue, type HeaderList } from '../../http/headers.ts';
import type { PluginBuild, PluginPhases, ResponseHead } from '../../plugin.ts';
import type { RedisSpec } from '../../redis/connections.ts';
import { proxyCache } from './index.ts';
import { compileKey } from './key.ts';
import { parseMediaType } from './media-type.ts';

const START = Date.parse('2026-11-25T13:30:15.000Z');

const isConfig = (value: unknown): value is ProxyCacheConfig =>
  typeof value === 'object' && value !== null && 'strategy' in value;

interface Clock {
  now: number;
}

function compile(fields: object, clock: Clock = { now: START }, build?: PluginBuild): PluginPhases {
  const given = { strategy: 'memory', ...fields };
  assert.deepEqual(validatePluginConfig('proxy-cache', given), []);
  const config: unknown = applyPluginDefaults('proxy-cache', given);
  assert.ok(isConfig(config));
  return proxyCache.compile(config, build ?? fakeBuild({}, () => clock.now));
}

interface Upstream {
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
async function ask(
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
async function twice(phases: PluginPhases, request?: FakeRequest, upstream?: Upstream) {
  const first = await ask(phases, request, upstream);
  const second = await ask(phases, request, upstream);
  return `${first.cache} ${second.cache}`;
}

const typed = (type: string): Upstream => ({ headers: ['Content-Type', type] });
const saying = (value: string, ...more: string[]): Upstream => ({
  headers: ['Content-Type', 'text/plain', 'Cache-Control', value, ...more],
});
const demanding = (value: string): FakeRequest => ({ headers: ['Cache-Control', value] });

/** [what, config, request, answer, what two of them find] */
const KEPT: readonly (readonly [string, object, FakeRequest, Upstream, string])[] = [
  ['defaults', {}, {}, {}, 'Miss Hit'],
  ['response_code: another one', {}, {}, { status: 500 }, 'Bypass Bypass'],
  ['response_code', { response_code: [500] }, {}, { status: 500 }, 'Miss Hit'],
  ['request_method: another one', {}, { method: 'POST' }, {}, 'Bypass Bypass'],
  ['request_method', { request_method: ['POST'] }, { method: 'POST' }, {}, 'Miss Hit'],
  ['HEAD has no body to keep', {}, { method: 'HEAD' }, {}, 'Miss Miss'],
  ['content_type: another one', {}, {}, typed('text/html'), 'Bypass Bypass'],
  ['content_type', { content_type: ['text/html'] }, {}, typed('text/html'), 'Miss Hit'],
  ['content_type: subtypes', { content_type: ['text/*'] }, {}, typed('text/css'), 'Miss Hit'],
  ['content_type: none', {}, {}, { headers: [] }, 'Bypass Bypass'],
  [
    'content_type: two',
    {},
    {},
    { headers: ['Content-Type', 'text/plain', 'Content-Type', 'text/plain'] },
    'Bypass Bypass',
  ],
  ['cache_control is off: no-store', {}, demanding('no-store'), saying('no-store'), 'Miss Hit'],
  ['cache_control: nothing said', { cache_control: true }, {}, {}, 'Bypass Bypass'],
  ['cache_control: max-age', { cache_control: true }, {}, saying('max-age=5'), 'Miss Hit'],
  [
    'cache_control: s-maxage wins',
    { cache_control: true },
    {},
    saying('max-age=5, s-maxage=0'),
    'Bypass Bypass',
  ],
  [
    'cache_control: not a number',
    { cache_control: true },
    {},
    saying('max-age=soon'),
    'Bypass Bypass',
  ],
  [
    'cache_control: private',
    { cache_control: true },
    {},
    saying('private, max-age=5'),
    'Bypass Bypass',
  ],
  [
    'cache_control: no-store of the answer',
    { cache_control: true },
    {},
    saying('no-store, max-age=5'),
    'Bypass Bypass',
  ],
  [
    'cache_control: no-cache="Set-Cookie"',
    { cache_control: true },
    {},
    saying('no-cache="Set-Cookie", max-age=5'),
    'Bypass Bypass',
  ],
  [
    'cache_control: Expires',
    { cache_control: true },
    {},
    { headers: ['Content-Type', 'text/plain', 'Expires', 'Wed, 25 Nov 2026 13:31:00 GMT'] },
    'Miss Hit',
  ],
  [
    'cache_control: Expires is over',
    { cache_control: true },
    {},
    { headers: ['Content-Type', 'text/plain', 'Expires', 'Wed, 25 Nov 2026 13:30:00 GMT'] },
    'Bypass Bypass',
  ],
  [
    'cache_control: no-store of the request',
    { cache_control: true },
    demanding('no-store'),
    saying('max-age=5'),
    'Bypass Bypass',
  ],
  [
    'cache_control: no-cache of the request',
    { cache_control: true },
    demanding('No-Cache'),
    saying('max-age=5'),
    'Bypass Bypass',
  ],
  [
    'cache_control: Authorization',
    { cache_control: true },
    { headers: ['authorization', 'Bearer x'] },
    saying('max-age=5'),
    'Bypass Bypass',
  ],
  [
    'Authorization without cache_control',
    {},
    { headers: ['authorization', 'Bearer x'] },
    {},
    'Miss Hit',
  ],
  [
    '206',
    { response_code: [206] },
    { headers: ['Range', 'bytes=0-1'] },
    { status: 206 },
    'Bypass Bypass',
  ],
  ['304', { response_code: [304] }, {}, { status: 304 }, 'Bypass Bypass'],
  [
    'Content-Range',
    {},
    {},
    { headers: ['Content-Type', 'text/plain', 'Content-Range', 'bytes 0-1/9'] },
    'Bypass Bypass',
  ],
  [
    'a failure of the gateway',
    { response_code: [502] },
    {},
    { status: 502, source: 'error' },
    'Bypass Bypass',
  ],
  ['a body that is cut off', {}, {}, { isCut: true }, 'Miss Miss'],
  [
    'a length over the bound',
    {},
    {},
    { headers: ['Content-Type', 'text/plain', 'Content-Length', '200000'] },
    'Bypass Bypass',
  ],
  ['a body over the bound', {}, {}, { body: 'x'.repeat(200_000) }, 'Miss Miss'],
  [
    'gRPC',
    { request_method: ['POST'] },
    { method: 'POST', headers: ['Content-Type', 'application/grpc'] },
    {},
    'Bypass Bypass',
  ],
];

for (const [what, config, request, upstream, expected] of KEPT) {
  test(`${what}: ${expected}`, async () => {
    assert.equal(await twice(compile(config), request, upstream), expected);
  });
}

/** [what, config, first answer, seconds, second request, what it finds] */
const LATER: readonly (readonly [string, object, Upstream, number, FakeRequest, string])[] = [
  ['cache_ttl: the last second', { cache_ttl: 5, storage_ttl: 60 }, {}, 5, {}, 'Hit'],
  [
    'cache_ttl is over, storage_ttl is not',
    { cache_ttl: 5, storage_ttl: 60 },
    {},
    6,
    {},
    'Refresh',
  ],
  ['cache_ttl is over', { cache_ttl: 5 }, {}, 6, {}, 'Miss'],
  ['storage_ttl is over', { cache_ttl: 5, storage_ttl: 7 }, {}, 8, {}, 'Miss'],
  ['storage_ttl 0 has no end', { cache_ttl: 5, storage_ttl: 0 }, {}, 1e6, {}, 'Refresh'],
  [
    'max-age of the answer',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    9,
    {},
    'Hit',
  ],
  ['stale', { cache_control: true, storage_ttl: 60 }, saying('max-age=9'), 10, {}, 'Refresh'],
  [
    'max-age of the request',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('max-age=3'),
    'Refresh',
  ],
  [
    'max-age of the request, met',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('max-age=4'),
    'Hit',
  ],
  [
    'max-age that is no number',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('max-age=x'),
    'Hit',
  ],
  [
    'min-fresh',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('min-fresh=6'),
    'Refresh',
  ],
  [
    'min-fresh, met',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('min-fresh="5"'),
    'Hit',
  ],
  [
    'max-stale',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    12,
    demanding('max-stale=2'),
    'Refresh',
  ],
  [
    'max-stale, met',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    11,
    demanding('max-stale=2'),
    'Hit',
  ],
  [
    'max-stale, any',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    40,
    demanding('max-stale'),
    'Hit',
  ],
  [
    'must-revalidate',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9, must-revalidate'),
    11,
    demanding('max-stale'),
    'Refresh',
  ],
];

for (const [what, config, upstream, seconds, request, expected] of LATER) {
  test(`${what}: ${expected} after ${seconds} s`, async () => {
    const clock = { now: START };
    const phases = compile(config, clock);
    assert.equal((await ask(phases, {}, upstream)).cache, 'Miss');
    clock.now += seconds * 1000;
    const answer = await ask(phases, request, { ...upstream, body: 'newer' });
    assert.equal(answer.cache, expected);
    if (expected === 'Hit') assert.equal(headerValue(answer.headers, 'age'), String(seconds));
    assert.equal(answer.body, expected === 'Hit' ? 'fresh' : 'newer');
  });
}

test('only-if-cached: 504 without an answer, and the answer with one', async () => {
  const phases = compile({ cache_control: true });
  const refused = await ask(phases, demanding('only-if-cached'));
  assert.equal(refused.status, 504);
  assert.equal(refused.body, '');
  await ask(phases, {}, saying('max-age=5'));
  assert.equal((await ask(phases, demanding('only-if-cached'))).cache, 'Hit');
});

test('an answer comes back as it was, without what belonged to its connection or its client', async () => {
  const phases = compile({});
  const headers = [
    'Content-Type',
    'text/plain',
    'Set-Cookie',
    'a=1',
    'Set-Cookie',
    'b=2',
    'Connection',
    'close',
    'Age',
    '7',
    'X-Cache-Status',
    'Theirs',
    'X-RateLimit-Remaining-Hour',
    '3',
    'X-RateLimit-Limit-Hour',
    '5',
  ];
  const first = await ask(phases, {}, { status: 404, headers });
  const key = headerValue(first.headers, 'x-cache-key');
  const second = await ask(phases);
  assert.equal(second.status, 404);
  assert.equal(second.body, 'fresh');
  assert.deepEqual(second.headers, [
    'Content-Type',
    'text/plain',
    'Set-Cookie',
    'a=1',
    'Set-Cookie',
    'b=2',
    'X-RateLimit-Limit-Hour',
    '5',
    'age',
    '0',
    'X-Cache-Status',
    'Hit',
    'X-Cache-Key',
    key,
  ]);
});

for (const name of ['age', 'X-Cache-Status', 'X-Cache-Key']) {
  test(`response_headers without ${name}: shown with Kong-Debug only`, async () => {
    const phases = compile({ response_headers: { [name]: false } });
    await ask(phases);
    const lower = name.toLowerCase();
    assert.equal(headerValue((await ask(phases)).headers, lower), undefined);
    const debugged = await ask(phases, { headers: ['Kong-Debug', '1'] });
    assert.notEqual(headerValue(debugged.headers, lower), undefined);
  });
}

test('memory.dictionary_name: entries share what they keep under one name, and nothing else', async () => {
  const answers = createLocalAnswers(1024 * 1024, () => START);
  const build = fakeBuild({}, () => START, { answers });
  const named = (dictionary_name: string) =>
    compile({ memory: { dictionary_name } }, undefined, build);
  assert.equal((await ask(named('one'))).cache, 'Miss');
  assert.equal((await ask(named('one'))).cache, 'Hit');
  assert.equal((await ask(named('two'))).cache, 'Miss');
});

const away = () => Promise.reject(new Error('away'));

test('strategy redis: its record is used, and requests pass while the server is away', async () => {
  const opened: RedisSpec[] = [];
  const redis = {
    open: (spec: RedisSpec) => {
      opened.push(spec);
      return { run: away, close: () => {} };
    },
    closeAll: () => {},
  };
  const build = fakeBuild({}, () => START, { redis });
  const fields = { host: 'redis.test', port: 7000, timeout: 50, database: 3 };
  const phases = compile({ strategy: 'redis', redis: fields }, undefined, build);
  assert.equal(await twice(phases), 'Bypass Bypass');
  assert.deepEqual(opened[0], {
    host: 'redis.test',
    port: 7000,
    timeoutMs: 50,
    username: null,
    password: null,
    database: 3,
    tls: undefined,
  });
});

const NO_FIELDS = { ignore_uri_case: false, vary_headers: null, vary_query_params: null };
const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');
const KEYS: readonly (readonly [string, object, FakeRequest, string])[] = [
  ['no query', {}, { target: '/A' }, 'default|GET|GET /A HTTP/1.1||'],
  ['a question mark', {}, { target: '/A?' }, 'default|GET|GET /A||'],
  ['the query', {}, { target: '/a?b=2&a=1&c&b=1&d=&=x' }, 'default|GET|GET /a|a=1:b=1,2:c:d=|'],
  ['bytes', {}, { target: '/a?b=%C3%A9+x' }, 'default|GET|GET /a|b=\xc3\xa9 x|'],
  ['ignore_uri_case', { ignore_uri_case: true }, { target: '/A?B=C' }, 'default|GET|get /a|B=C|'],
  [
    'vary_query_params',
    { vary_query_params: ['z', 'b'] },
    { target: '/a?a=1&b=2&z' },
    'default|GET|GET /a|z:b=2|',
  ],
  [
    'vary_headers',
    { vary_headers: ['X_B', 'Accept'] },
    { target: '/?', headers: ['accept', 'b', 'Accept', 'a', 'x-b', '1'] },
    'default|GET|GET /||X_B=1:Accept=a,b',
  ],
];

for (const [what, fields, request, text] of KEYS) {
  test(`the key is Kong's: ${what}`, () => {
    const { key } = compileKey({ ...NO_FIELDS, ...fields })(new FakeContext(request));
    assert.equal(key, sha256(text));
  });
}

const as = (name: string) => (ctx: FakeContext) => {
  ctx.authenticate(fakeConsumer(name));
  // The fake has no route of its own.
  Object.defineProperty(ctx, 'route', { value: { id: 'r' } });
};

test('each consumer has answers of its own', async () => {
  const phases = compile({});
  assert.equal((await ask(phases, {}, {}, as('ada'))).cache, 'Miss');
  assert.equal((await ask(phases, {}, {}, as('bob'))).cache, 'Miss');
  assert.equal((await ask(phases, {}, {}, as('ada'))).cache, 'Hit');
});

const many = Array.from({ length: 100 }, (_, i) => `a${i}=1`).join('&');
/** Kong gives the second of each the answer to the first. */
const CONFUSED: readonly (readonly [string, string])[] = [
  ['/?a=1%3Ab=2', '/?a=1&b=2'],
  ['/?a=1,2', '/?a=1&a=2'],
  ['/?=1', '/?=2'],
  ['/?a%3D1', '/?a=1'],
  ['/a|b=1?c', '/a?b=1%7Cc'],
  ['/?a=%FE', '/?a=%FF'],
];

for (const [first, second] of [...CONFUSED, [`/?${many}&z=1`, `/?${many}&z=2`]] as const) {
  test(`${first.slice(0, 20)} and ${second.slice(0, 20)} do not share an answer`, async () => {
    const phases = compile({});
    assert.equal((await ask(phases, { target: first })).cache, 'Miss');
    assert.equal((await ask(phases, { target: second })).cache, 'Miss');
    assert.equal((await ask(phases, { target: second })).cache, 'Hit');
  });
}

test('media types: broken ones are none, whatever follows', () => {
  for (const text of ['nonsense', 'a/b;', 'a/b; c', 'a/b; c="d', 'a /b', '', 'a/b, c/d']) {
    assert.equal(parseMediaType(text), undefined, text);
  }
  assert.deepEqual(parseMediaType('Text/HTML ;Q="a b";r=C'), {
    type: 'text',
    subtype: 'html',
    parameters: new Map([
      ['q', 'a b'],
      ['r', 'C'],
    ]),
  });
});

const REFUSED: readonly (readonly [object, string])[] = [
  [{}, 'required field missing'],
  [{ strategy: 'disk' }, 'expected one of: memory, redis'],
  [{ strategy: 'redis' }, 'required field missing'],
  [{ strategy: 'redis', redis: {} }, 'required field missing'],
  [{ strategy: 'memory', cache_ttl: 0 }, 'value must be greater than 0'],
  [{ strategy: 'memory', response_code: [99] }, 'value should be between 100 and 900'],
  [{ strategy: 'memory', response_code: [] }, 'length must be at least 1'],
  [
    { strategy: 'memory', request_method: ['DELETE'] },
    'expected one of: HEAD, GET, POST, PATCH, PUT',
  ],
];

for (const [fields, message] of REFUSED) {
  test(`refused: ${JSON.stringify(fields)}`, () => {
    const messages = validatePluginConfig('proxy-cache', fields).map((issue) => issue.message);
    assert.ok(messages.includes(message), messages.join('\n'));
  });
}
