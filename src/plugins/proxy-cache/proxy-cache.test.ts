/** The proxy-cache plugin: each field of its config, what is kept, and what comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalAnswers } from '../../answer-cache/local.ts';
import { validatePluginConfig } from '../../config/validate.ts';
import { fakeBuild, type FakeRequest } from '../../gateway/fake-context.test.fixture.ts';
import { headerValue } from '../../http/headers.ts';
import type { RedisSpec } from '../../redis/connections.ts';
import {
  ask,
  compile,
  demanding,
  saying,
  START,
  twice,
  typed,
  type Upstream,
} from '../../../test/support/proxy-cache.ts';

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
