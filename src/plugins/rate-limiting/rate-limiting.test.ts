/** The rate-limiting plugin: each field of its config, what identifies a client, headers and windows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RateLimitingConfig } from '../../config/schema-types.ts';
import { applyPluginDefaults } from '../../config/defaults.ts';
import { validatePluginConfig } from '../../config/validate.ts';
import type { RedisSpec } from '../../redis/connections.ts';
import {
  FakeContext,
  fakeBuild,
  fakeConsumer,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import type { HeaderList } from '../../http/headers.ts';
import type { PluginBuild, PluginPhases, ResponseHead } from '../../plugin.ts';
import { rateLimiting } from './index.ts';

const NOW = Date.parse('2026-11-25T13:30:15.500Z');
const bob = fakeConsumer('bob');

const isConfig = (value: unknown): value is RateLimitingConfig =>
  typeof value === 'object' && value !== null && 'policy' in value;

function compile(fields: object, build: PluginBuild = fakeBuild({}, () => NOW)): PluginPhases {
  assert.deepEqual(validatePluginConfig('rate-limiting', fields), []);
  const config: unknown = applyPluginDefaults('rate-limiting', { ...fields });
  assert.ok(isConfig(config));
  return rateLimiting.compile(config, build);
}

interface Answer {
  readonly status: number;
  readonly message: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** One request: what the plugin answers or, when it passes, 200 as the upstream gave it. */
async function ask(
  phases: PluginPhases,
  request: FakeRequest = {},
  prepare: (ctx: FakeContext) => void = () => {},
): Promise<Answer> {
  const ctx = new FakeContext(request);
  prepare(ctx);
  const refusal = await phases.access?.(ctx);
  const headers: HeaderList = ['RateLimit-Remaining', 'from upstream'];
  const head: ResponseHead = { status: refusal?.status ?? 200, headers, source: 'upstream' };
  phases.headerFilter?.(ctx, head);
  const pairs = Array.from({ length: headers.length / 2 }, (_, i) =>
    headers.slice(2 * i, 2 * i + 2),
  );
  const message = refusal?.kind === 'error' ? refusal.message : undefined;
  return { status: head.status, message, headers: Object.fromEntries(pairs) };
}

const PERIODS = [
  ['second', 1, 1],
  ['minute', 60, 45],
  ['hour', 3600, 1785],
  ['day', 86_400, 37_785],
  ['month', 2_592_000, 469_785],
  ['year', 31_536_000, 3_161_385],
] as const;

for (const [period, , reset] of PERIODS) {
  test(`${period}: the last request passes, the next is refused until the window ends`, async () => {
    const phases = compile({ [period]: 1 });
    const word = period.charAt(0).toUpperCase() + period.slice(1);
    const first = await ask(phases);
    assert.equal(first.status, 200);
    assert.deepEqual(first.headers, {
      [`X-RateLimit-Limit-${word}`]: '1',
      [`X-RateLimit-Remaining-${word}`]: '0',
      'RateLimit-Limit': '1',
      'RateLimit-Remaining': '0',
      'RateLimit-Reset': first.headers['RateLimit-Reset'],
    });
    const second = await ask(phases);
    assert.equal(second.status, 429);
    assert.equal(second.message, 'API rate limit exceeded');
    assert.equal(second.headers['Retry-After'], second.headers['RateLimit-Reset']);
    if (period !== 'month' && period !== 'year') {
      assert.equal(second.headers['Retry-After'], String(reset));
    }
  });
}

/** What two requests must have in common to be counted as one client. */
const IDENTIFIERS: readonly {
  readonly by: string;
  readonly fields?: object;
  readonly same: (ctx: FakeContext) => void;
  readonly request?: FakeRequest;
}[] = [
  { by: 'consumer', same: (ctx) => ctx.authenticate(bob, { id: 'c', consumerId: bob.id }) },
  { by: 'credential', same: (ctx) => ctx.authenticate(bob, { id: 'c', consumerId: bob.id }) },
  {
    by: 'header',
    fields: { header_name: 'X-Tenant' },
    same: (ctx) => ctx.headers.push('x-tenant', 't'),
  },
  { by: 'path', fields: { path: '/search' }, request: { target: '/search' }, same: () => {} },
  { by: 'claim', fields: { claim_name: 'sub' }, same: (ctx) => (ctx.claims = { sub: 'ada' }) },
  { by: 'claim', fields: { claim_name: 'sub' }, same: (ctx) => (ctx.claims = { sub: 7 }) },
];

const from = (clientAddress: string, request: FakeRequest = {}): FakeRequest => ({
  ...request,
  clientAddress,
});
const asBob = (ctx: FakeContext) => ctx.authenticate(bob, { id: 'c', consumerId: bob.id });
const claim = (aud: unknown) => (ctx: FakeContext) => void (ctx.claims = { aud });
const tenant = (name: string): FakeRequest => ({ headers: ['X-Tenant', name] });

for (const { by, fields = {}, same, request = {} } of IDENTIFIERS) {
  test(`limit_by ${by}: one count over addresses; without it, one per address`, async () => {
    const phases = compile({ hour: 1, limit_by: by, ...fields });
    assert.equal((await ask(phases, from('192.0.2.1', request), same)).status, 200);
    assert.equal((await ask(phases, from('192.0.2.2', request), same)).status, 429);
    assert.equal((await ask(phases, from('192.0.2.3'))).status, 200);
    assert.equal((await ask(phases, from('192.0.2.4'))).status, 200);
    assert.equal((await ask(phases, from('192.0.2.4'))).status, 429);
  });
}

test('limit_by ip: whoever it is', async () => {
  const phases = compile({ hour: 1, limit_by: 'ip' });
  assert.equal((await ask(phases, {}, asBob)).status, 200);
  assert.equal((await ask(phases)).status, 429);
});

test('claims that are lists or objects identify nobody', async () => {
  const phases = compile({ hour: 1, limit_by: 'claim', claim_name: 'aud' });
  assert.equal((await ask(phases, { clientAddress: '192.0.2.1' }, claim(['a']))).status, 200);
  assert.equal((await ask(phases, { clientAddress: '192.0.2.2' }, claim(['a']))).status, 200);
});

test('identifiers of any length are counted apart', async () => {
  const phases = compile({ hour: 1, limit_by: 'header', header_name: 'x-tenant' });
  assert.equal((await ask(phases, tenant('a'.repeat(5000)))).status, 200);
  assert.equal((await ask(phases, tenant(`${'a'.repeat(5000)}b`))).status, 200);
  assert.equal((await ask(phases, tenant('a'.repeat(5000)))).status, 429);
});

test('hide_client_headers: the answer is the upstream’s', async () => {
  const phases = compile({ hour: 1, hide_client_headers: true });
  const untouched = { 'RateLimit-Remaining': 'from upstream' };
  assert.deepEqual((await ask(phases)).headers, untouched);
  const refused = await ask(phases);
  assert.equal(refused.status, 429);
  assert.deepEqual(refused.headers, untouched);
});

test('error_code and error_message', async () => {
  const phases = compile({ hour: 1, error_code: 503, error_message: 'later' });
  await ask(phases);
  const { status, message } = await ask(phases);
  assert.deepEqual({ status, message }, { status: 503, message: 'later' });
});

/** A build whose Redis is `run`; `opened` are the servers that were asked for. */
function redisBuild(run: () => Promise<never>) {
  const opened: RedisSpec[] = [];
  const build = fakeBuild({}, () => NOW);
  const redis = {
    open: (spec: RedisSpec) => {
      opened.push(spec);
      return { run, close: () => {} };
    },
    closeAll: () => {},
  };
  return { opened, build: { ...build, services: { ...build.services, redis } } };
}
const away = (): Promise<never> => Promise.reject(new Error('away'));

test('policy redis and its record: the server that is named is asked', async () => {
  const { opened, build } = redisBuild(away);
  const redis = {
    host: 'redis.test',
    port: 7000,
    timeout: 50,
    username: 'gateway',
    password: 'secret',
    database: 3,
    ssl: true,
    ssl_verify: true,
    server_name: 'name.test',
  };
  compile({ hour: 1, policy: 'redis', redis }, build);
  const flat = Object.fromEntries(
    Object.entries(redis).map(([name, value]) => [`redis_${name}`, value]),
  );
  compile({ hour: 1, policy: 'redis', ...flat }, build);
  const spec = {
    host: 'redis.test',
    port: 7000,
    timeoutMs: 50,
    username: 'gateway',
    password: 'secret',
    database: 3,
    tls: { verify: true, serverName: 'name.test' },
  };
  assert.deepEqual(opened, [spec, spec]);
});

test('fault_tolerant: what cannot be counted passes without headers, or throws', async () => {
  const { build } = redisBuild(away);
  const fields = { hour: 1, policy: 'redis', redis: { host: 'redis.test' } };
  const { status, headers } = await ask(compile(fields, build));
  assert.deepEqual([status, headers], [200, { 'RateLimit-Remaining': 'from upstream' }]);
  const strict = compile({ ...fields, fault_tolerant: false }, build);
  await assert.rejects(ask(strict), { message: 'away' });
});

const REFUSED: readonly (readonly [fields: object, message: string])[] = [
  [
    {},
    "at least one of these fields must be non-empty: 'config.second', 'config.minute', 'config.hour', 'config.day', 'config.month', 'config.year'",
  ],
  [{ hour: 0 }, 'value must be greater than 0'],
  [
    { minute: 10, hour: 9 },
    'The limit for hour(9.0) cannot be lower than the limit for minute(10.0)',
  ],
  [{ hour: 1, sync_rate: 1 }, 'sync_rate can only be used with the redis policy'],
  [
    { hour: 1, policy: 'redis', redis: { host: 'a' }, sync_rate: 0.01 },
    'sync_rate must be greater than 0.02, or -1 to disable',
  ],
  [{ hour: 1, policy: 'redis' }, 'required field missing'],
  [{ hour: 1, policy: 'cluster' }, 'expected one of: local, redis'],
  [{ hour: 1, limit_by: 'header' }, 'required field missing'],
  [{ hour: 1, limit_by: 'path' }, 'required field missing'],
  [{ hour: 1, limit_by: 'claim' }, 'required field missing'],
  [{ hour: 1, error_code: 1000 }, 'must be an integer between 200 and 599'],
];

for (const [fields, message] of REFUSED) {
  test(`refused: ${JSON.stringify(fields)}`, () => {
    const messages = validatePluginConfig('rate-limiting', fields).map((issue) => issue.message);
    assert.ok(messages.includes(message), messages.join('\n'));
  });
}
