/** The request-size-limiting plugin: announced sizes, chunked bodies, expectations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPlugin, testFields } from '../../gateway/plugin-run.test.fixture.ts';
import { requestSizeLimiting } from './index.ts';

const TOO_LARGE = 'Request size limit exceeded';
const announced = (bytes: number, ...more: string[]) => ({
  method: 'POST',
  headers: ['Content-Length', String(bytes), ...more],
});
const chunked = (bytes: number) => ({
  method: 'POST',
  headers: ['Transfer-Encoding', 'chunked'],
  body: 'x'.repeat(bytes),
});

testFields(requestSizeLimiting, [
  {
    field: 'allowed_payload_size',
    set: { allowed_payload_size: 1 },
    request: announced(2 ** 20 + 1),
    expect: ({ answer }) =>
      assert.deepEqual(answer, { kind: 'error', status: 413, message: TOO_LARGE, headers: [] }),
  },
  {
    field: 'size_unit',
    set: { size_unit: 'kilobytes' },
    request: announced(128 * 1024 + 1),
    expect: ({ answer }) => assert.equal(answer?.status, 413),
  },
  {
    field: 'require_content_length',
    set: { require_content_length: true },
    expect: ({ answer }) =>
      assert.deepEqual(answer, {
        kind: 'error',
        status: 411,
        message: 'A valid Content-Length header is required',
        headers: [],
      }),
  },
]);

const ten = { allowed_payload_size: 10, size_unit: 'bytes' } as const;
const CASES = [
  ['exactly', announced(10), undefined],
  ['one more', announced(11), 413],
  ['one more, with an expectation', announced(11, 'Expect', ' 100-Continue '), 417],
  ['chunked, exactly', chunked(10), undefined],
  ['chunked, one more', chunked(11), 413],
  ['nothing', {}, undefined],
] as const;

for (const [name, request, status] of CASES) {
  test(`${name}: ${status ?? 'passes'}`, async () => {
    const { answer } = await runPlugin(requestSizeLimiting, ten, {
      request: { ...request, headers: [...('headers' in request ? request.headers : [])] },
    });
    assert.equal(answer?.status, status);
  });
}

test('a limit of zero takes no body at all, and a chunked body needs no length', async () => {
  const zero = { allowed_payload_size: 0, size_unit: 'bytes' } as const;
  assert.equal(
    (await runPlugin(requestSizeLimiting, zero, { request: chunked(1) })).answer?.status,
    413,
  );
  assert.equal((await runPlugin(requestSizeLimiting, zero)).answer, undefined);
  const required = { ...ten, require_content_length: true };
  assert.equal(
    (await runPlugin(requestSizeLimiting, required, { request: chunked(1) })).answer,
    undefined,
  );
});
