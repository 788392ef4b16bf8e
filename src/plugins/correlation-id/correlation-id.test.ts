/** Ids of the three generators, kept, made and echoed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorrelationIdConfig } from '../../config/schema-types.ts';
import { FakeContext, fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { headerValues } from '../../http/headers.ts';
import type { ResponseHead } from '../../plugin.ts';
import { correlationId } from './index.ts';

const build = fakeBuild({}, () => 1_800_000_000_123);
const compile = (config: Partial<CorrelationIdConfig> = {}) =>
  correlationId.compile(
    {
      header_name: 'Kong-Request-ID',
      generator: 'uuid#counter',
      echo_downstream: true,
      ...config,
    },
    build,
  );
const idsOf = (headers: readonly string[]): string[] =>
  headerValues([...headers], 'kong-request-id');

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FORMATS = [
  { generator: 'uuid', format: new RegExp(`^${UUID}$`) },
  { generator: 'uuid#counter', format: new RegExp(`^${UUID}#1$`) },
  { generator: 'tracker', format: /^[0-9.]+-8000-\d+-\d+-1-1800000000\.123$/ },
] as const;

for (const { generator, format } of FORMATS) {
  test(`${generator} makes distinct ids`, async () => {
    const phases = compile({ generator });
    const ids = [];
    for (let i = 0; i < 3; i++) {
      const ctx = new FakeContext();
      assert.equal(await phases.access?.(ctx), undefined);
      ids.push(...idsOf(ctx.headers));
    }
    assert.equal(new Set(ids).size, 3);
    assert.match(ids[0] ?? '', format);
  });
}

test('the counter counts', () => {
  const phases = compile();
  const ids = Array.from({ length: 2 }, () => {
    const ctx = new FakeContext();
    void phases.access?.(ctx);
    return idsOf(ctx.headers)[0] ?? '';
  });
  assert.deepEqual(
    ids.map((id) => id.split('#')[1]),
    ['1', '2'],
  );
  assert.equal(ids[0]?.split('#')[0], ids[1]?.split('#')[0]);
});

for (const [sent, kept] of [
  ['mine', true],
  ['', false],
  ['  ', false],
] as const) {
  test(`a client's "${sent}" is ${kept ? 'kept' : 'replaced'}`, () => {
    const ctx = new FakeContext({ headers: ['KONG-request-id', sent] });
    void compile().access?.(ctx);
    const ids = idsOf(ctx.headers);
    assert.equal(ids.length, 1);
    assert.equal(ids[0] === sent, kept);
  });
}

test('header_name is the header that is kept, set and echoed', () => {
  const phases = compile({ header_name: 'X-Corr' });
  const ctx = new FakeContext({ headers: ['kong-request-id', 'other', 'x-corr', 'mine'] });
  const head: ResponseHead = { status: 200, headers: [], source: 'upstream' };
  void phases.access?.(ctx);
  phases.headerFilter?.(ctx, head);
  assert.deepEqual(ctx.headers, ['kong-request-id', 'other', 'x-corr', 'mine']);
  assert.deepEqual(head.headers, ['X-Corr', 'mine']);
});

test('echo_downstream gives the client the same id', () => {
  const phases = compile();
  const ctx = new FakeContext();
  const head: ResponseHead = {
    status: 200,
    headers: ['Kong-Request-ID', 'up'],
    source: 'upstream',
  };
  void phases.access?.(ctx);
  phases.headerFilter?.(ctx, head);
  assert.deepEqual(idsOf(head.headers), idsOf(ctx.headers));
});

test('the client gets an id when access did not run', () => {
  const head: ResponseHead = { status: 404, headers: [], source: 'error' };
  compile().headerFilter?.(new FakeContext(), head);
  assert.equal(idsOf(head.headers).length, 1);
});

test('without echo_downstream answers are left alone', () => {
  assert.equal(compile({ echo_downstream: false }).headerFilter, undefined);
});
