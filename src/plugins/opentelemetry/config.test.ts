/** The config of the opentelemetry plugin: what becomes of its fields without a running proxy, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPluginDefaults } from '../../config/defaults.ts';
import type { OpentelemetryConfig } from '../../config/schema-types.ts';
import { fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { keepingLogger } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import { SILENT } from '../../log.ts';
import { tapLogger } from '../../log-tap.ts';
import type { Outbound, OutboundRequest } from '../../services.ts';
import { opentelemetry } from './index.ts';

/** What compiling says, and what the first batch of log records is sent with. */
async function compileWith(config: Partial<OpentelemetryConfig>) {
  const { log, lines } = keepingLogger();
  const requests: OutboundRequest[] = [];
  const outbound: Outbound = {
    request(request) {
      requests.push(request);
      return Promise.resolve({ status: 200, headers: [], body: Buffer.alloc(0), url: '' });
    },
  };
  const tapped = tapLogger(SILENT, 'info');
  const services = { ...fakeBuild().services, outbound, logTap: tapped.tap };
  const phases = opentelemetry.compile(
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the loader does
    applyPluginDefaults('opentelemetry', config) as never,
    { ...fakeBuild(), log, services, reveal: (text) => text.replace('{vault://env/k}', 'secret') },
  );
  tapped.log.warn({}, 'a line');
  await phases.close?.();
  return { lines, requests };
}

test('connect_timeout, send_timeout, read_timeout; references in endpoints and headers', async () => {
  const { requests } = await compileWith({
    logs_endpoint: 'http://c.test/{vault://env/k}',
    headers: { 'X-Auth': '{vault://env/k}' },
    connect_timeout: 11,
    send_timeout: 0,
    read_timeout: 13,
  });
  const [request] = requests;
  assert.deepEqual(request?.partTimeouts, { connectMs: 11, sendMs: 60_000, readMs: 13 });
  assert.equal(request?.url, 'http://c.test/secret');
  assert.deepEqual(request?.headers, [
    'content-type',
    'application/x-protobuf',
    'X-Auth',
    'secret',
  ]);
});

test('deprecated fields are named with their successors; old defaults are not', async () => {
  const traces_endpoint = 'http://c.test/';
  const old = await compileWith({ traces_endpoint, batch_span_count: 200, batch_flush_delay: 3 });
  assert.deepEqual(old.lines, []);
  const { lines } = await compileWith({
    traces_endpoint,
    batch_span_count: 9,
    batch_flush_delay: 9,
  });
  assert.deepEqual(
    lines.map(({ message }) => message),
    [
      'opentelemetry: batch_span_count is deprecated; use queue.max_batch_size',
      'opentelemetry: batch_flush_delay is deprecated; use queue.max_coalescing_delay',
    ],
  );
});

const problems = (config: object): string => problemsOf(opentelemetry, config).join('; ');

test('configs that are refused', () => {
  assert.match(problems({}), /at least one of these fields must be non-empty/);
  assert.match(problems({ traces_endpoint: 'x' }), /traces_endpoint: missing host in url/);
  const traces_endpoint = 'http://c.test/';
  assert.equal(problems({ traces_endpoint }), '');
  assert.match(problems({ traces_endpoint, resource_attributes: { a: '' } }), /length must be/);
  assert.match(problems({ traces_endpoint, headers: { 'a b': 'x' } }), /bad header name/);
  assert.match(problems({ traces_endpoint, sampling_rate: 2 }), /between 0 and 1/);
});
