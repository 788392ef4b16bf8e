/** The statsd plugin against UDP and TCP servers: every metric, identifier, tag style, and each field of its config. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { StatsdConfig } from '../../config/schema-types.ts';
import type { Consumer, Route, Service } from '../../config/types.ts';
import {
  FakeContext,
  fakeBuild,
  fakeConsumer,
  fakeOutcome,
} from '../../gateway/fake-context.test.fixture.ts';
import { compileLog, keepingLogger, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import type { PluginPhases } from '../../plugin.ts';
import { WORKSPACE_ID } from '../../telemetry/record.ts';
import { statsd } from './index.ts';
import { packetsOf } from './packets.ts';

const hostname = 'gw.example';
const consumer: Consumer = { ...fakeConsumer('bob'), id: 'c-1', custom_id: 'bob-7' };
// Only what metrics look at.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const service = { id: 's-1', name: 'pay.v1', host: 'pay.test' } as Service;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const route = { id: 'r-1', name: 'pay-route' } as Route;

const TRY = {
  ip: '192.0.2.9',
  port: 80,
  hostname: 'pay.test',
  startedAt: 0,
  error: undefined,
  balancerMs: 0,
};

interface Logged {
  readonly status?: number;
  readonly who?: Consumer | undefined;
  readonly what?: Service | undefined;
  readonly where?: Route | undefined;
  readonly isProxied?: boolean;
}

function logRequest(phases: PluginPhases, logged: Logged = {}): void {
  const { status = 200, isProxied = true } = logged;
  const ctx = Object.assign(new FakeContext(), {
    consumer: 'who' in logged ? logged.who : consumer,
    service: 'what' in logged ? logged.what : service,
    route: 'where' in logged ? logged.where : route,
  });
  phases.log?.(ctx, fakeOutcome({ status, tries: isProxied ? [TRY] : [] }));
}

interface Server {
  readonly port: number;
  readonly packets: readonly string[];
}

async function startServer(t: TestContext): Promise<Server> {
  const packets: string[] = [];
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.on('message', (bytes) => packets.push(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, packets };
}

async function startTcpServer(t: TestContext): Promise<{ port: number; text: () => string }> {
  let text = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
    t.after(() => socket.destroy());
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  return { port: (server.address() as AddressInfo).port, text: () => text };
}

function compile(t: TestContext, config: object, build = {}): PluginPhases {
  const filled = { host: '127.0.0.1', ...config };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- partial records are filled in
  return compileLog(t, statsd, filled as Partial<StatsdConfig>, { hostname, ...build });
}

const packetsAt = (server: Server, count: number): Promise<readonly string[]> =>
  until(() => (server.packets.length >= count ? server.packets : undefined));

/** The lines of one request. */
async function linesOf(
  t: TestContext,
  config: object,
  logged?: Logged,
): Promise<readonly string[]> {
  const server = await startServer(t);
  const phases = compile(t, { port: server.port, udp_packet_size: 65_507, ...config });
  logRequest(phases, logged);
  const [packet] = await packetsAt(server, 1);
  return packet?.split('\n') ?? [];
}

const IN_NAMES = [
  'kong.service.pay_v1.request.count:1|c',
  'kong.service.pay_v1.latency:12|ms',
  'kong.service.pay_v1.request.size:100|c',
  'kong.service.pay_v1.status.200:1|c',
  'kong.service.pay_v1.response.size:200|c',
  'kong.service.pay_v1.user.uniques:bob-7|s',
  'kong.service.pay_v1.user.bob-7.request.count:1|c',
  'kong.service.pay_v1.upstream_latency:9|ms',
  'kong.service.pay_v1.kong_latency:2|ms',
  'kong.service.pay_v1.user.bob-7.status.200:1|c',
  `kong.service.pay_v1.workspace.${WORKSPACE_ID}.status.200:1|c`,
  'kong.route.r-1.user.bob-7.status.200:1|c',
];

test('metrics: all of them by default; shdict_usage has nothing to say here', async (t) => {
  assert.deepEqual(await linesOf(t, {}), IN_NAMES);
});

test('host, port: each metric is a datagram of its own', async (t) => {
  const server = await startServer(t);
  logRequest(compile(t, { port: server.port }));
  assert.deepEqual(await packetsAt(server, IN_NAMES.length), IN_NAMES);
});

test('a request without route, service, consumer and upstream', async (t) => {
  const logged = {
    who: undefined,
    what: undefined,
    where: undefined,
    isProxied: false,
    status: 404,
  };
  assert.deepEqual(await linesOf(t, {}, logged), [
    'kong.global.unmatched.request.count:1|c',
    'kong.global.unmatched.latency:12|ms',
    'kong.global.unmatched.request.size:100|c',
    'kong.global.unmatched.status.404:1|c',
    'kong.global.unmatched.response.size:200|c',
    'kong.global.unmatched.kong_latency:2|ms',
    `kong.global.unmatched.workspace.${WORKSPACE_ID}.status.404:1|c`,
  ]);
});

const TAGS = `service=pay.v1,route=pay-route,workspace=${WORKSPACE_ID},consumer=bob-7,node=gw_example,status=200`;
const STYLES: readonly (readonly [string, string])[] = [
  ['dogstatsd', `kong.latency:12|ms|#${TAGS.replaceAll('=', ':')}`],
  ['influxdb', `kong.latency,${TAGS}:12|ms`],
  ['librato', `kong.latency#${TAGS}:12|ms`],
  ['signalfx', `kong.latency[${TAGS}]:12|ms`],
];

for (const [tag_style, line] of STYLES) {
  test(`tag_style: ${tag_style}`, async (t) => {
    const lines = await linesOf(t, { tag_style, hostname_in_prefix: true });
    assert.equal(lines[1], line);
    // What only counts by names is not sent.
    assert.equal(lines.length, 6);
    const [bare] = await linesOf(t, { tag_style }, { what: undefined });
    assert.equal(bare, 'kong.request.count:1|c');
  });
}

const one = (name: string, more: object = {}): object => ({
  metrics: [{ name, stat_type: 'counter', sample_rate: 1, ...more }],
});

const FIELDS: readonly (readonly [string, object, string])[] = [
  ['prefix', { prefix: 'edge', ...one('request_count') }, 'edge.service.pay_v1.request.count:1|c'],
  [
    'hostname_in_prefix',
    { hostname_in_prefix: true, ...one('request_count') },
    'kong.node.gw_example.service.pay_v1.request.count:1|c',
  ],
  [
    'sample_rate',
    one('request_count', { sample_rate: 0.25 }),
    'kong.service.pay_v1.request.count:1|c|@0.25',
  ],
  ...(
    [
      ['counter', 'c'],
      ['gauge', 'g'],
      ['histogram', 'h'],
      ['meter', 'm'],
      ['set', 's'],
      ['timer', 'ms'],
    ] as const
  ).map(([stat_type, letter]): readonly [string, object, string] => [
    `stat_type ${stat_type}`,
    one('request_size', { stat_type }),
    `kong.service.pay_v1.request.size:100|${letter}`,
  ]),
  ...(
    [
      ['service_id', 's-1'],
      ['service_name', 'pay_v1'],
      ['service_host', 'pay_test'],
      ['service_name_or_host', 'pay_v1'],
    ] as const
  ).flatMap(([id, name]): readonly (readonly [string, object, string])[] => [
    [
      `service_identifier_default ${id}`,
      { service_identifier_default: id, ...one('request_count') },
      `kong.service.${name}.request.count:1|c`,
    ],
    [
      `service_identifier ${id}`,
      one('request_count', { service_identifier: id }),
      `kong.service.${name}.request.count:1|c`,
    ],
  ]),
  ...(
    [
      ['consumer_id', 'c-1'],
      ['custom_id', 'bob-7'],
      ['username', 'bob'],
    ] as const
  ).flatMap(([id, name]): readonly (readonly [string, object, string])[] => [
    [
      `consumer_identifier_default ${id}`,
      { consumer_identifier_default: id, ...one('request_per_user') },
      `kong.service.pay_v1.user.${name}.request.count:1|c`,
    ],
    [
      `consumer_identifier ${id}`,
      one('unique_users', { consumer_identifier: id, sample_rate: 0.5 }),
      `kong.service.pay_v1.user.uniques:${name}|s`,
    ],
  ]),
  ...(
    [
      ['workspace_id', WORKSPACE_ID],
      ['workspace_name', 'default'],
    ] as const
  ).flatMap(([id, name]): readonly (readonly [string, object, string])[] => [
    [
      `workspace_identifier_default ${id}`,
      { workspace_identifier_default: id, ...one('status_count_per_workspace') },
      `kong.service.pay_v1.workspace.${name}.status.200:1|c`,
    ],
    [
      `workspace_identifier ${id}`,
      one('status_count_per_workspace', { workspace_identifier: id }),
      `kong.service.pay_v1.workspace.${name}.status.200:1|c`,
    ],
  ]),
];

for (const [title, config, line] of FIELDS) {
  test(title, async (t) => assert.deepEqual(await linesOf(t, config), [line]));
}

test('a service or a consumer without the name that is wanted', async (t) => {
  const nameless = { ...service, name: null };
  const config = { service_identifier_default: 'service_name', ...one('request_count') };
  assert.deepEqual(await linesOf(t, config, { what: nameless }), [
    'kong.service.unnamed.request.count:1|c',
  ]);
  const users = {
    metrics: [
      { name: 'unique_users', stat_type: 'set' },
      { name: 'latency', stat_type: 'timer' },
    ],
  };
  const who = { ...consumer, custom_id: null };
  assert.deepEqual(await linesOf(t, users, { who }), ['kong.service.pay_v1.latency:12|ms']);
});

test('allow_status_codes: requests with others are left out', async (t) => {
  const server = await startServer(t);
  const config = { port: server.port, allow_status_codes: ['200-204', '500-599'] };
  const phases = compile(t, { ...config, ...one('status_count') });
  for (const status of [200, 204, 205, 404, 500, 503]) logRequest(phases, { status });
  const packets = await packetsAt(server, 4);
  assert.deepEqual(
    packets.map((packet) => /status\.(\d+)/.exec(packet)?.[1]),
    ['200', '204', '500', '503'],
  );
});

test('udp_packet_size: lines go together as far as they fit', () => {
  const lines = ['aaaa', 'bbbb', 'cccc', 'd'.repeat(20), 'e'];
  assert.deepEqual(packetsOf(lines, 0), lines);
  assert.deepEqual(packetsOf(lines, 10), ['aaaa\nbbbb', 'cccc', 'd'.repeat(20), 'e']);
  assert.deepEqual(packetsOf(lines, 100), [lines.join('\n')]);
  assert.deepEqual(packetsOf([], 10), []);
});

test('use_tcp: a line for each metric over one connection', async (t) => {
  const server = await startTcpServer(t);
  const phases = compile(t, { port: server.port, use_tcp: true, udp_packet_size: 10 });
  logRequest(phases);
  logRequest(phases);
  const expected = `${[...IN_NAMES, ...IN_NAMES].join('\n')}\n`;
  await until(() => (server.text().length >= expected.length ? true : undefined));
  assert.equal(server.text(), expected);
});

test('queue, queue_size, flush_timeout: requests that go together share datagrams', async (t) => {
  for (const config of [
    { queue: { max_batch_size: 3, max_coalescing_delay: 30 } },
    { queue_size: 3, queue: { max_coalescing_delay: 30 } },
    { flush_timeout: 0.02, queue: { max_batch_size: 100 } },
  ]) {
    const server = await startServer(t);
    const together = { port: server.port, udp_packet_size: 65_507, ...one('request_count') };
    const phases = compile(t, { ...together, ...config });
    for (let i = 0; i < 3; i++) logRequest(phases);
    const [packet] = await packetsAt(server, 1);
    assert.equal(packet?.split('\n').length, 3);
  }
});

test('deprecated fields are named with their successors; a lost batch is counted', async (t) => {
  const { log, lines } = keepingLogger();
  const services = { ...fakeBuild().services, resolve: () => [] };
  const config = {
    retry_count: 3,
    queue_size: 2,
    flush_timeout: 0.01,
    queue: { max_retry_time: -1 },
  };
  logRequest(compile(t, { host: 'nowhere.test', ...config }, { log, services }));
  const lost = await until(() => lines.find(({ level }) => level === 'error'));
  assert.equal(lost.message, 'log records were lost: nowhere.test has no address');
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn').map(({ fields }) => Object.values(fields)[0]),
    ['retry_count', 'queue_size', 'flush_timeout'],
  );
});

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is to be wrong
const problems = (config: object) => problemsOf(statsd, config as Partial<StatsdConfig>).join();

test('configs that are refused', () => {
  assert.match(problems({ allow_status_codes: ['2xx'] }), /invalid value: 2xx/);
  assert.match(problems(one('nothing')), /expected one of: /);
  assert.match(problems({ metrics: [{ name: 'latency', stat_type: 'gauge' }] }), /sample_rate/);
  assert.equal(problems({ metrics: [{ name: 'latency', stat_type: 'timer' }] }), '');
  assert.match(problems({ udp_packet_size: 70_000 }), /between 0 and 65507/);
});
