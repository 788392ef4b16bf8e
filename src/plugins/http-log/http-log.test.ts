/** The http-log plugin against an HTTP collector: each field of its config, and servers that fail. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { HttpLogConfig } from '../../config/schema-types.ts';
import { fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { compileLog, keepingLogger, logOne, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import { createOutbound } from '../../outbound/index.ts';
import type { PluginBuild, PluginPhases } from '../../plugin.ts';
import { startOrigin, type RecordingOrigin } from '../../../test/support/origin.ts';
import { httpLog } from './index.ts';

function compile(
  t: TestContext,
  config: Readonly<Record<string, unknown>>,
  build: Partial<PluginBuild> = {},
): PluginPhases {
  const outbound = createOutbound({ resolve: (ip) => [{ ip }] });
  t.after(() => outbound.close());
  const services = { ...fakeBuild().services, outbound };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- partial records are filled in
  return compileLog(t, httpLog, config as Partial<HttpLogConfig>, { services, ...build });
}

const seenBy = (origin: RecordingOrigin, count: number) =>
  until(() => (origin.seen.length >= count ? origin.seen : undefined));

const reveal = (text: string): string => text.replace('{vault://env/key}', 'Bearer secret');

async function first(t: TestContext, fields: object, path = '/logs?token=1') {
  const origin = await startOrigin(t);
  logOne(compile(t, { http_endpoint: `${origin.url}${path}`, ...fields }), { target: '/one' });
  const [seen] = await seenBy(origin, 1);
  assert.ok(seen !== undefined);
  const lines = seen.lines.map((line) => line.toLowerCase());
  return { ...seen, lines };
}

test('http_endpoint: one JSON object, and the query is left out as in Kong', async (t) => {
  const { method, url, body, lines } = await first(t, {});
  assert.equal(`${method} ${url}`, 'POST /logs');
  const record: { request: { uri: string } } = JSON.parse(body);
  assert.equal(record.request.uri, '/one');
  assert.ok(lines.includes('content-type: application/json'));
  assert.ok(lines.includes(`content-length: ${Buffer.byteLength(body)}`));
});

test('http_endpoint with user and password: Basic credentials', async (t) => {
  const origin = await startOrigin(t);
  const http_endpoint = origin.url.replace('://', '://bob:secret@');
  logOne(compile(t, { http_endpoint }));
  const [seen] = await seenBy(origin, 1);
  const expected = `authorization: Basic ${Buffer.from('bob:secret').toString('base64')}`;
  assert.ok(seen?.lines.some((line) => line.toLowerCase() === expected.toLowerCase()));
});

test('method', async (t) => assert.equal((await first(t, { method: 'PUT' })).method, 'PUT'));

test('content_type', async (t) => {
  const content_type = 'application/json; charset=utf-8';
  assert.ok((await first(t, { content_type })).lines.includes(`content-type: ${content_type}`));
});

test('headers, with secrets by reference', async (t) => {
  const origin = await startOrigin(t);
  const config = {
    http_endpoint: origin.url,
    headers: { 'X-Source': 'gw', Authorization: '{vault://env/key}', 'User-Agent': 'mine' },
  };
  logOne(compile(t, config, { reveal }));
  const [seen] = await seenBy(origin, 1);
  for (const line of ['x-source: gw', 'authorization: bearer secret', 'user-agent: mine']) {
    assert.ok(
      seen?.lines.some((text) => text.toLowerCase() === line),
      line,
    );
  }
});

const BATCHES: readonly (readonly [string, object, readonly number[]])[] = [
  ['queue.max_batch_size', { queue: { max_batch_size: 2, max_coalescing_delay: 30 } }, [2, 2]],
  ['queue.max_coalescing_delay', { queue: { max_batch_size: 9, max_coalescing_delay: 0.02 } }, [4]],
  ['queue_size', { queue_size: 4, queue: { max_coalescing_delay: 30 } }, [4]],
  ['flush_timeout', { flush_timeout: 0.02, queue: { max_batch_size: 9 } }, [4]],
];

for (const [field, fields, sizes] of BATCHES) {
  test(`${field}: four records go in lists of ${sizes.join(' and ')}`, async (t) => {
    const origin = await startOrigin(t);
    const phases = compile(t, { http_endpoint: origin.url, ...fields });
    for (let i = 0; i < 4; i++) logOne(phases);
    const seen = await seenBy(origin, sizes.length);
    const lists: unknown[] = seen.map(({ body }) => JSON.parse(body));
    assert.deepEqual(
      lists.map((list) => (Array.isArray(list) ? list.length : -1)),
      sizes,
    );
  });
}

test('deprecated fields are told: retry_count, queue_size, flush_timeout', (t) => {
  const { log, lines } = keepingLogger();
  const http_endpoint = 'http://127.0.0.1:9';
  compile(t, { http_endpoint, retry_count: 3, queue_size: 4, flush_timeout: 5 }, { log });
  assert.deepEqual(
    lines.map(({ message }) => message),
    [
      'http-log: retry_count is deprecated; use queue.max_retry_time',
      'http-log: queue_size is deprecated; use queue.max_batch_size',
      'http-log: flush_timeout is deprecated; use queue.max_coalescing_delay',
    ],
  );
  compile(t, { http_endpoint, retry_count: 10, queue_size: 1, flush_timeout: 2 }, { log });
  assert.equal(lines.length, 3);
});

test('an answer of 300 or more is a failure: the same record comes again', async (t) => {
  const statuses = [503, 302, 200];
  const origin = await startOrigin(t, (_req, res) => {
    res.writeHead(statuses.shift() ?? 200, { location: '/' }).end();
  });
  logOne(compile(t, { http_endpoint: origin.url }));
  const seen = await seenBy(origin, 3);
  assert.equal(new Set(seen.map(({ body }) => body)).size, 1);
});

test('timeout: a server that does not answer', async (t) => {
  const { log, lines } = keepingLogger();
  const origin = await startOrigin(t, () => {});
  const config = { http_endpoint: origin.url, timeout: 30, queue: { max_retry_time: -1 } };
  logOne(compile(t, config, { log }));
  assert.match(
    (await until(() => lines.at(0))).message,
    /log records were lost: no answer in time/,
  );
});

test('keepalive: an idle connection is given up after it', async (t) => {
  const origin = await startOrigin(t);
  logOne(compile(t, { http_endpoint: origin.url, keepalive: 1100 }));
  await seenBy(origin, 1);
  assert.equal(origin.connections(), 1);
  await until(() => (origin.connections() === 0 ? true : undefined));
});

test('configs that are refused', () => {
  const http_endpoint = 'http://bob:secret@127.0.0.1/';
  const problems = (config: object): string =>
    problemsOf(httpLog, { http_endpoint, ...config }).join();
  assert.equal(problems({ http_endpoint: 'x' }), 'config.http_endpoint: missing host in url');
  for (const name of ['Host', 'Content-Length', 'Content-Type']) {
    const expected = `config.headers: cannot contain '${name}' header`;
    assert.equal(problems({ headers: { [name.toLowerCase()]: 'x' } }), expected);
  }
  assert.match(problems({ headers: { authorization: 'x' } }), /is not allowed$/);
  assert.match(problems({ headers: { 'x-a': 'a\r\nb' } }), /cannot hold line breaks/);
  assert.match(problems({ custom_fields_by_lua: { a: 'return 1' } }), /Lua code is not run/);
});
