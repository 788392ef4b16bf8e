/** The request-termination plugin: answers, triggers, echo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestTerminationConfig } from '../../config/schema-types.ts';
import {
  FakeContext,
  fakeBuild,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import { requestTermination } from './index.ts';

const DEFAULTS: RequestTerminationConfig = {
  status_code: 503,
  message: null,
  content_type: null,
  body: null,
  echo: false,
  trigger: null,
};
const JSON_TYPE = 'application/json; charset=utf-8';

async function run(config: Partial<RequestTerminationConfig>, request: FakeRequest = {}) {
  const phases = requestTermination.compile({ ...DEFAULTS, ...config }, fakeBuild());
  const response = await phases.access?.(new FakeContext(request));
  assert.notEqual(response?.kind, 'error');
  return response?.kind === 'exit' ? response : undefined;
}

interface Case {
  readonly config: Partial<RequestTerminationConfig>;
  readonly type?: string;
  readonly body: string | undefined;
}

const page = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
const ID = '0123456789abcdef0123456789abcdef';
const CASES: readonly Case[] = [
  { config: {}, type: JSON_TYPE, body: '{"message":"Service unavailable"}' },
  { config: { status_code: 401 }, type: JSON_TYPE, body: '{"message":"Unauthorized"}' },
  { config: { status_code: 404 }, type: JSON_TYPE, body: '{"message":"Not found"}' },
  { config: { status_code: 405 }, type: JSON_TYPE, body: '{"message":"Method not allowed"}' },
  { config: { status_code: 502 }, type: JSON_TYPE, body: '{"message":"Bad Gateway"}' },
  { config: { status_code: 200 }, body: undefined },
  { config: { status_code: 204 }, body: undefined },
  { config: { status_code: 204, message: 'x' }, body: undefined },
  { config: { status_code: 418 }, body: undefined },
  { config: { status_code: 301 }, type: 'text/html', body: page('301 Moved Permanently') },
  { config: { status_code: 403 }, type: 'text/html; charset=UTF-8', body: page('403 Forbidden') },
  {
    config: { status_code: 400 },
    type: 'text/plain; charset=utf-8',
    body: `Bad request\nrequest_id: ${ID}\n`,
  },
  { config: { message: 'a "b" / é' }, type: JSON_TYPE, body: '{"message":"a \\"b\\" / é"}' },
  { config: { body: '<p>' }, body: '<p>' },
  {
    config: { body: '<p>', content_type: 'text/html' },
    type: 'text/html; charset=UTF-8',
    body: '<p>',
  },
  { config: { body: '{}', content_type: JSON_TYPE }, type: JSON_TYPE, body: '{}' },
  { config: { body: 'x', content_type: 'a/Ω' }, type: 'a/\u00ce\u00a9', body: 'x' },
];

for (const { config, type, body } of CASES) {
  test(`${JSON.stringify(config)} answers ${JSON.stringify(body)}`, async () => {
    const response = await run(config);
    assert.equal(response?.status, config.status_code ?? 503);
    assert.deepEqual(response.headers, type === undefined ? [] : ['Content-Type', type]);
    assert.equal(response.body, body);
  });
}

test('a template follows Accept', async () => {
  const response = await run({ status_code: 400 }, { headers: ['Accept', 'application/json'] });
  assert.match(String(response?.body), /"message":"Bad request"/);
});

const TRIGGERS: readonly (readonly [FakeRequest, boolean])[] = [
  [{}, false],
  [{ headers: ['x-stop', '1'] }, true],
  [{ headers: ['X-Stop', ''] }, true],
  [{ target: '/?X-Stop=1' }, true],
  [{ target: '/?X-Stop' }, true],
  [{ target: '/?x-stop=1' }, false],
  [{ method: 'POST', body: 'X-Stop=1' }, false],
];

for (const [request, acts] of TRIGGERS) {
  test(`trigger ${acts ? 'acts on' : 'ignores'} ${JSON.stringify(request)}`, async () => {
    assert.equal((await run({ trigger: 'X-Stop' }, request)) !== undefined, acts);
  });
}

test('echo describes the request', async () => {
  const response = await run(
    { echo: true, status_code: 404 },
    {
      method: 'POST',
      target: '/x?a=b&__proto__=c',
      headers: ['Content-Type', 'application/json', 'A', '1', 'a', '2'],
      body: '{"k":1}',
    },
  );
  assert.equal(response?.status, 404);
  const echoed: unknown = JSON.parse(String(response.body));
  assert.ok(typeof echoed === 'object' && echoed !== null && 'request' in echoed);
  assert.ok('message' in echoed && echoed.message === 'Not found');
  assert.deepEqual(echoed.request, {
    scheme: 'http',
    host: 'gateway.test',
    port: 8000,
    headers: { 'content-type': 'application/json', a: ['1', '2'] },
    query: Object.fromEntries([
      ['a', 'b'],
      ['__proto__', 'c'],
    ]),
    body: { k: 1 },
    raw_body: '{"k":1}',
    method: 'POST',
    path: '/x',
    uri_captures: { named: {}, unnamed: [] },
  });
});
