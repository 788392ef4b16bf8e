/** The response-ratelimiting plugin: each field of its config, and what an upstream's header may say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPluginDefaults } from '../../config/defaults.ts';
import type { ResponseRatelimitingConfig } from '../../config/schema-types.ts';
import { validatePluginConfig } from '../../config/validate.ts';
import {
  FakeContext,
  fakeOutcome,
  fakeBuild,
  fakeConsumer,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import { headerValue, type HeaderList } from '../../http/headers.ts';
import type { PluginBuild, PluginPhases, ResponseHead } from '../../plugin.ts';
import type { RedisSpec } from '../../redis/connections.ts';
import { responseRatelimiting } from './index.ts';

const NOW = Date.parse('2026-11-25T13:30:15.500Z');
const bob = fakeConsumer('bob');
const asBob = (ctx: FakeContext) => ctx.authenticate(bob, { id: 'c', consumerId: bob.id });

const isConfig = (value: unknown): value is ResponseRatelimitingConfig =>
  typeof value === 'object' && value !== null && 'limits' in value;

function compile(fields: object, build: PluginBuild = fakeBuild({}, () => NOW)): PluginPhases {
  assert.deepEqual(validatePluginConfig('response-ratelimiting', fields), []);
  const config: unknown = applyPluginDefaults('response-ratelimiting', { ...fields });
  assert.ok(isConfig(config));
  return responseRatelimiting.compile(config, build);
}

const OUTCOME = fakeOutcome();

interface Answer {
  readonly status: number;
  readonly message: string | undefined;
  readonly head: ResponseHead;
  readonly header: (name: string) => string | undefined;
}

/** One request whose upstream answers with these headers. */
async function ask(
  phases: PluginPhases,
  upstream: HeaderList,
  {
    request = {},
    prepare = () => {},
  }: { request?: FakeRequest; prepare?: (ctx: FakeContext) => void } = {},
): Promise<Answer> {
  const ctx = new FakeContext(request);
  prepare(ctx);
  const refusal = await phases.access?.(ctx);
  const head: ResponseHead =
    refusal === undefined
      ? { status: 200, headers: [...upstream], source: 'upstream' }
      : { status: refusal.status, headers: [], source: 'error' };
  phases.headerFilter?.(ctx, head);
  phases.log?.(ctx, OUTCOME);
  const message = refusal?.kind === 'error' ? refusal.message : undefined;
  const header = (name: string) => headerValue(head.headers, name.toLowerCase());
  return { status: head.status, message, head, header };
}

const uses = (text: string): HeaderList => ['X-Kong-Limit', text];

test('limits: what is used is taken off, and shown per window', async () => {
  const phases = compile({ limits: { video: { minute: 3, hour: 10 }, image: { hour: 5 } } });
  const first = await ask(phases, uses('video=2, image=1'));
  assert.equal(first.status, 200);
  assert.equal(first.header('X-Kong-Limit'), undefined);
  assert.equal(first.header('X-RateLimit-Limit-video-minute'), '3');
  assert.equal(first.header('X-RateLimit-Remaining-video-minute'), '1');
  assert.equal(first.header('X-RateLimit-Remaining-video-hour'), '8');
  assert.equal(first.header('X-RateLimit-Remaining-image-hour'), '4');
  assert.equal(first.header('X-RateLimit-Remaining-video'), '3', 'as it was when it came');
  const second = await ask(phases, []);
  assert.equal(second.header('X-RateLimit-Remaining-video'), '1');
});

test('an answer that uses what is used up becomes 429 without a body, and is not counted', async () => {
  const phases = compile({ limits: { video: { minute: 1 } } });
  assert.equal((await ask(phases, uses('video=1'))).status, 200);
  const refused = await ask(phases, uses('video=1'));
  assert.equal(refused.status, 429);
  assert.deepEqual(refused.head.body, Buffer.alloc(0));
  const other = await ask(phases, []);
  assert.equal(other.status, 200, 'what uses nothing passes');
  assert.equal(other.header('X-RateLimit-Remaining-video-minute'), '0');
  assert.equal(other.head.body, undefined);
});

const HEADERS: readonly (readonly [lines: HeaderList, remaining: string])[] = [
  [['X-Kong-Limit', 'a=1', 'x-kong-limit', 'b=1'], '9'],
  [uses(' a = 2 '), '8'],
  [uses('a=x'), '10'],
  [uses('a='), '10'],
  [uses('a=1=2'), '10'],
  [uses('a'), '10'],
  [uses('other=3'), '10'],
  [uses('constructor=3,__proto__=4'), '10'],
  [uses('a=Infinity'), '10'],
  [uses('a=99'), '0'],
];

for (const [lines, remaining] of HEADERS) {
  test(`the upstream says ${JSON.stringify(lines)}: ${remaining} of 10 remain`, async () => {
    const phases = compile({ limits: { a: { hour: 10 } } });
    const { header } = await ask(phases, lines);
    assert.equal(header('X-RateLimit-Remaining-a-hour'), remaining);
  });
}

test('header_name: another header counts', async () => {
  const phases = compile({ limits: { a: { hour: 10 } }, header_name: 'X-Usage' });
  const { header } = await ask(phases, ['x-usage', 'a=4', ...uses('a=9')]);
  assert.equal(header('X-RateLimit-Remaining-a-hour'), '6');
  assert.equal(header('x-kong-limit'), 'a=9');
});

const LIMIT_BY = [
  ['consumer', '9'],
  ['credential', '9'],
  ['ip', '10'],
] as const;

const from = (clientAddress: string) => ({ request: { clientAddress }, prepare: asBob });

for (const [by, remaining] of LIMIT_BY) {
  test(`limit_by ${by}: the same client from another address`, async () => {
    const phases = compile({ limits: { a: { hour: 10 } }, limit_by: by });
    await ask(phases, uses('a=1'), from('192.0.2.1'));
    const { header } = await ask(phases, [], from('192.0.2.2'));
    assert.equal(header('X-RateLimit-Remaining-a-hour'), remaining);
  });
}

test('block_on_first_violation: refused before it is forwarded', async () => {
  const phases = compile({ limits: { a: { hour: 1 } }, block_on_first_violation: true });
  assert.equal((await ask(phases, uses('a=1'))).status, 200);
  const { status, message } = await ask(phases, []);
  assert.deepEqual(
    { status, message },
    { status: 429, message: "API rate limit exceeded for 'a'" },
  );
});

test('hide_client_headers: no window is shown', async () => {
  const phases = compile({ limits: { a: { hour: 1 } }, hide_client_headers: true });
  const { head } = await ask(phases, uses('a=1'));
  assert.deepEqual(head.headers, ['X-RateLimit-Remaining-a', '1']);
});

const away = (): Promise<never> => Promise.reject(new Error('away'));

test('policy, redis and fault_tolerant', async () => {
  const opened: RedisSpec[] = [];
  const build = fakeBuild({}, () => NOW);
  const redis = {
    open(spec: RedisSpec) {
      opened.push(spec);
      return { run: away, close: () => {} };
    },
    closeAll: () => {},
  };
  const onRedis = { ...build, services: { ...build.services, redis } };
  const fields = {
    limits: { a: { hour: 1 } },
    policy: 'redis',
    redis: { host: 'redis.test', port: 7 },
  };
  const { status, head } = await ask(compile(fields, onRedis), uses('a=1'));
  assert.equal(status, 200);
  assert.deepEqual(head.headers, uses('a=1'), 'untouched');
  await assert.rejects(ask(compile({ ...fields, fault_tolerant: false }, onRedis), []), {
    message: 'away',
  });
  assert.deepEqual(
    opened.map(({ host, port }) => [host, port]),
    [
      ['redis.test', 7],
      ['redis.test', 7],
    ],
  );
});

const REFUSED: readonly (readonly [fields: object, message: string])[] = [
  [{}, 'required field missing'],
  [{ limits: {} }, 'length must be at least 1'],
  [
    { limits: { a: {} } },
    "at least one of these fields must be non-empty: 'second', 'minute', 'hour', 'day', 'month', 'year'",
  ],
  [
    { limits: { a: { minute: 2, hour: 1 } } },
    'the limit for hour(1.0) cannot be lower than the limit for minute(2.0)',
  ],
  [{ limits: { a: { hour: 1 } }, policy: 'redis' }, 'required field missing'],
];

for (const [fields, message] of REFUSED) {
  test(`refused: ${JSON.stringify(fields)}`, () => {
    const messages = validatePluginConfig('response-ratelimiting', fields).map(
      (issue) => issue.message,
    );
    assert.ok(messages.includes(message), messages.join('\n'));
  });
}
