/** The Admin API over real sockets: node information, lists, refused writes, limits. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BUNDLED_SCHEMAS } from '../src/config/schemas.ts';
import { ADMIN_SETTINGS, adminClient, startAdmin, type Ask } from './support/admin.ts';
import { buildConfig } from './support/config.ts';
import { rawExchange } from './support/raw-client.ts';

const id = (n: number): string => `44000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const CERT = '55000000-0000-4000-8000-000000000001';
const SERVICE = '66000000-0000-4000-8000-000000000001';
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const JSON_BODY = { 'Content-Type': 'application/json' };

const config = buildConfig(
  {
    services: [{ id: SERVICE, name: 'pay', host: 'pay.test', client_certificate: CERT }],
    routes: Array.from({ length: 10 }, (_, n) => ({ id: id(n), paths: ['/x'], service: 'pay' })),
    plugins: [{ name: 'jwt', service: 'pay' }],
    certificates: [{ id: CERT, cert: 'c', key: 'k' }],
    snis: [
      { name: 'b.test', certificate: CERT },
      { name: 'a.test', certificate: CERT },
    ],
    upstreams: [{ id: id(90), name: 'pool' }],
    targets: [
      { id: id(91), upstream: 'pool', target: '127.0.0.1:80', weight: 10 },
      { id: id(92), upstream: 'pool', target: 'a.test:8000', weight: 0 },
    ],
    consumers: [{ id: id(80), username: 'ann', tags: ['red', 'blue'] }],
  },
  '8d0c1bd23ae9b51e0c2f1a8a1f0c5a77',
);

const client = (t: TestContext): Promise<Ask> => adminClient(t, { config: () => config });

function member(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  }
  return at;
}

function idsOf(json: unknown): readonly unknown[] {
  const data = member(json, 'data');
  assert.ok(Array.isArray(data));
  return data.map((row) => member(row, 'id'));
}

test('GET / describes the node and masks secrets', async (t) => {
  const effective = new Map<string, unknown>([
    ['admin_token', 's3cret'],
    ['ssl_cert_key', '/etc/key.pem'],
    ['pg_password', undefined],
    ['log_level', 'notice'],
  ]);
  const ask = await adminClient(t, {
    config: () => config,
    settings: { ...ADMIN_SETTINGS, effective },
    plugins: () => ({
      enabled: [
        { name: 'jwt', priority: 1450 },
        { name: 'greet', priority: 700, version: '1.2.3' },
      ],
      schemas: BUNDLED_SCHEMAS,
    }),
  });
  const { status, text, json } = await ask('/');
  assert.equal(status, 200);
  assert.equal(member(json, 'version'), '3.9.1');
  assert.deepEqual(member(json, 'plugins'), {
    available_on_server: {
      jwt: { version: '3.9.1', priority: 1450 },
      greet: { version: '1.2.3', priority: 700 },
    },
    enabled_in_cluster: ['jwt'],
  });
  assert.deepEqual(member(json, 'pids'), { master: 12, workers: [15, 16] });
  assert.equal(member(json, 'configuration', 'ssl_cert_key'), '******');
  assert.equal(member(json, 'configuration', 'log_level'), 'notice');
  assert.doesNotMatch(text, /s3cret/);
});

test('HEAD has the length of GET and no body', async (t) => {
  const ask = await client(t);
  const get = await ask('/services');
  const head = await ask({ method: 'HEAD', path: '/services' });
  assert.equal(head.text, '');
  assert.equal(head.headers['content-length'], String(Buffer.byteLength(get.text)));
});

test('ten routes by three: following next shows each once', async (t) => {
  for (const path of ['/routes?size=3', '/services/pay/routes?size=3']) {
    const ask = await client(t);
    const seen: unknown[] = [];
    let next: unknown = path;
    let pages = 0;
    while (typeof next === 'string') {
      const { json } = await ask(next);
      seen.push(...idsOf(json));
      next = member(json, 'next');
      pages += 1;
      assert.ok(pages < 10);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 10 }, (_, n) => id(n)),
      path,
    );
  }
});

const tagRow = (tag: string) => ({ entity_name: 'consumers', entity_id: id(80), tag });

test('a tag list shows each use and can be narrowed', async (t) => {
  const ask = await client(t);
  const all = await ask('/tags');
  assert.deepEqual(all.json, { data: [tagRow('blue'), tagRow('red')], next: null });
  const red = await ask('/tags/red');
  assert.deepEqual(red.json, { data: [tagRow('red')], next: null });
});

test('a certificate is found by its SNI and shows all of them in order', async (t) => {
  const ask = await client(t);
  for (const path of [`/certificates/${CERT}`, '/certificates/b.test']) {
    const { json } = await ask(path);
    assert.deepEqual(member(json, 'snis'), ['a.test', 'b.test'], path);
  }
  const unknown = await ask('/certificates/c.test');
  assert.deepEqual([unknown.status, unknown.json], [404, { message: 'SNI not found' }]);
  const services = await ask(`/certificates/a.test/services`);
  assert.deepEqual(idsOf(services.json), [SERVICE]);
  const linked = await ask('/services/pay/client_certificate');
  assert.equal(member(linked.json, 'id'), CERT);
});

const ANSWERS: readonly (readonly [path: string, status: number, json?: unknown])[] = [
  ['/endpoints', 200],
  ['/timers', 200],
  ['/robots.txt', 200],
  ['/status?unit=x', 400, { message: "invalid unit 'x' (expected 'k/K', 'm/M', or 'g/G')" }],
  ['/status/dns', 501, { message: 'not implemented with the legacy DNS client' }],
  ['/status/ready', 404, { message: 'Not found' }],
  ['/schemas/vaults/env', 200],
  ['/schemas/filters/x', 404, { message: "Filter 'x' not found" }],
  ['/schemas/plugins/ldap-auth', 404, { message: "No plugin named 'ldap-auth'" }],
  ['/upstreams/pool/targets/all?size=1001', 400],
  ['/vaults/../x', 404, { message: 'Not found' }],
  ['/services/__proto__', 404, { message: 'Not found' }],
];

test('node endpoints and errors', async (t) => {
  const ask = await client(t);
  for (const [path, status, json] of ANSWERS) {
    const answer = await ask(path);
    assert.equal(answer.status, status, path);
    if (json !== undefined) assert.deepEqual(answer.json, json, path);
  }
});

test('GET /endpoints lists every path in order', async (t) => {
  const ask = await client(t);
  const data = member((await ask('/endpoints')).json, 'data');
  assert.ok(Array.isArray(data));
  assert.deepEqual(data.slice(0, 4), ['/', '/acls', '/acls/{acls}', '/acls/{acls}/consumer']);
  assert.ok(data.includes('/endpoints'));
  assert.equal(new Set(data).size, data.length);
});

test('GET /status gives sizes in the unit asked for, workers by pid', async (t) => {
  const ask = await client(t);
  const vms = async (path: string) => member((await ask(path)).json, 'memory', 'workers_lua_vms');
  assert.deepEqual(await vms('/status'), [
    { pid: 15, http_allocated_gc: '2.00 MiB' },
    { pid: 16, http_allocated_gc: '1.00 MiB' },
  ]);
  assert.deepEqual(await vms('/status?unit=B'), [
    { pid: 15, http_allocated_gc: 2_097_152 },
    { pid: 16, http_allocated_gc: 1_048_576 },
  ]);
  assert.deepEqual(await vms('/status?unit=K&scale=0'), [
    { pid: 15, http_allocated_gc: '2048 KiB' },
    { pid: 16, http_allocated_gc: '1024 KiB' },
  ]);
  const { json } = await ask('/status');
  assert.equal(member(json, 'configuration_hash'), config.hash);
  assert.equal(member(json, 'server', 'total_requests'), 14);
});

interface WriteCase {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly message: string | undefined;
}

const REFUSED_CREATE = "cannot create 'routes' entities when not using a database";
const WRITES: readonly WriteCase[] = [
  {
    title: 'a form is coerced by the schema',
    method: 'POST',
    path: '/routes',
    headers: FORM,
    body: 'paths[]=/a&paths[]=/b&methods=GET&strip_path=false&regex_priority=3&service.name=pay',
    status: 405,
    message: REFUSED_CREATE,
  },
  {
    title: 'an unknown service by name',
    method: 'POST',
    path: '/routes',
    headers: JSON_BODY,
    body: '{"paths":["/x"],"service":{"name":"nope"}}',
    status: 400,
    message: `foreign key unresolved (service.name: the foreign key cannot be resolved with '{name="nope"}' for an existing 'services' entity)`,
  },
  {
    title: 'children inside their parent belong to documents',
    method: 'POST',
    path: '/services',
    headers: JSON_BODY,
    body: '{"host":"a.test","routes":[]}',
    status: 400,
    message: 'schema violation (routes: unknown field)',
  },
  {
    title: 'a plugin form by the schema of the plugin',
    method: 'POST',
    path: '/services/pay/plugins',
    headers: FORM,
    body: 'name=jwt&config.maximum_expiration=x',
    status: 400,
    message: 'schema violation (config.maximum_expiration: expected a number)',
  },
  {
    title: 'a PATCH is checked against the whole entity',
    method: 'PATCH',
    path: `/routes/${id(1)}`,
    headers: JSON_BODY,
    body: '{"paths":null}',
    status: 400,
    message:
      "schema violation (must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https')",
  },
  {
    title: 'a certificate by SNI is updated by id',
    method: 'DELETE',
    path: '/certificates/a.test',
    status: 405,
    message: "cannot remove 'certificates' entities when not using a database",
  },
  {
    title: 'a chunked body without a type',
    method: 'POST',
    path: '/routes',
    headers: { 'Transfer-Encoding': 'chunked' },
    status: 415,
    message: undefined,
  },
  {
    title: 'a log level',
    method: 'PUT',
    path: '/debug/node/log-level/debug',
    status: 405,
    message: 'cannot change log level when not using a database',
  },
];

for (const { title, status, message, ...question } of WRITES) {
  test(`writes: ${title}`, async (t) => {
    const ask = await client(t);
    const answer = await ask(question);
    assert.equal(answer.status, status);
    assert.equal(member(answer.json, 'message'), message);
  });
}

test('a group that a consumer is not in has Kong’s other 404, however it is asked for', async (t) => {
  const ask = await client(t);
  for (const question of [
    { method: 'GET', path: '/consumers/ann/acls/admins' },
    { method: 'DELETE', path: '/consumers/ann/acls/admins' },
    { method: 'DELETE', path: '/consumers/nobody/acls/admins' },
  ]) {
    const { status, json } = await ask(question);
    assert.equal(status, 404);
    assert.equal(member(json, 'message'), 'Not found');
    assert.match(String(member(json, 'request_id')), /^[\da-f]{32}$/);
  }
});

test('a body over the limit is 413 and ends the connection, with and without a length', async (t) => {
  const settings = { ...ADMIN_SETTINGS, adminMaxBodyBytes: 10 };
  const port = await startAdmin(t, { settings });
  const head = 'POST /services HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  for (const rest of [
    'Content-Length: 11\r\n\r\n{"a":12345}',
    'Transfer-Encoding: chunked\r\n\r\nb\r\n{"a":12345}\r\n0\r\n\r\n',
  ]) {
    const answer = await rawExchange(t, port, head + rest);
    assert.equal(answer.status, 413);
    assert.ok(answer.lines.includes('Connection: close'));
  }
});

test('more than 1000 arguments are refused', async (t) => {
  const ask = await client(t);
  const many = Array.from({ length: 1001 }, () => 'a=1').join('&');
  for (const answer of [
    await ask(`/services?${many}`),
    await ask({ method: 'POST', path: '/services', headers: FORM, body: many }),
  ]) {
    assert.deepEqual([answer.status, answer.json], [400, { message: 'Too many arguments' }]);
  }
});

test('an exception becomes a 500 that tells nothing', async (t) => {
  const logged: string[] = [];
  const ask = await adminClient(t, {
    config: () => {
      throw new Error('inner detail');
    },
    log: { ...SILENT_LOG, error: (_fields, text) => void logged.push(text) },
  });
  const { status, text } = await ask('/services');
  assert.equal(status, 500);
  assert.equal(text, '{"message":"An unexpected error occurred"}');
  assert.equal(logged.length, 1);
});

const SILENT_LOG = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => SILENT_LOG,
};
