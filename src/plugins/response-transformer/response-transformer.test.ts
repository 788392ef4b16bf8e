/** The response-transformer plugin: header fields and JSON bodies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResponseTransformerConfig } from '../../config/schema-types.ts';
import type { HeaderList } from '../../http/headers.ts';
import { problemsOf, runPlugin, testFields } from '../../gateway/plugin-run.test.fixture.ts';
import { collectBodies } from './collect.ts';
import { responseTransformer } from './index.ts';

type Part = Partial<Record<'headers' | 'json' | 'json_types', readonly string[]>>;
/** Parts as a person writes them; the defaults fill in the rest. */
const config = (parts: Partial<Record<keyof ResponseTransformerConfig, Part>>) =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is left out, the schema's defaults fill in
  parts as Partial<ResponseTransformerConfig>;

const JSON_TYPE = ['Content-Type', 'application/json'];
const json = (body: unknown) => ({
  headers: [...JSON_TYPE, 'Content-Length', '99'],
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const sends = (expected: unknown) => (observed: { readonly body: string }) =>
  assert.deepEqual(JSON.parse(observed.body), expected);
const has = (expected: HeaderList) => (observed: { readonly headers: HeaderList }) =>
  assert.deepEqual(observed.headers, expected);

testFields(responseTransformer, [
  {
    field: 'remove.headers',
    set: config({ remove: { headers: ['x-a', 'X-B:ignored'] } }),
    response: { headers: ['X-A', '1', 'x-b', '2', 'x-a', '3', 'X-C', '4'] },
    expect: has(['X-C', '4']),
  },
  {
    field: 'rename.headers',
    set: config({ rename: { headers: ['x-a:X-New'] } }),
    response: { headers: ['X-A', '1', 'X-A', '2', 'x-new', '3'] },
    expect: has(['X-New', '1', 'X-New', '2']),
  },
  {
    field: 'replace.headers',
    set: config({ replace: { headers: ['X-A:new', 'x-none:new'] } }),
    response: { headers: ['x-a', '1', 'x-a', '2'] },
    expect: has(['X-A', 'new']),
  },
  {
    field: 'add.headers',
    set: config({ add: { headers: ['X-A:new', 'X-B:a:b'] } }),
    response: { headers: ['x-a', '1'] },
    expect: has(['x-a', '1', 'X-B', 'a:b']),
  },
  {
    field: 'append.headers',
    set: config({ append: { headers: ['X-A:new', 'X-B:caf\u00e9'] } }),
    response: { headers: ['x-a', '1'] },
    expect: has(['x-a', '1', 'X-A', 'new', 'X-B', 'caf\u00c3\u00a9']),
  },
  {
    field: 'remove.json',
    set: config({ remove: { json: ['a', 'none'] } }),
    response: json({ a: 1, b: { a: 2 } }),
    expect: sends({ b: { a: 2 } }),
  },
  {
    field: 'rename.json',
    set: config({ rename: { json: ['a:x', 'f:y', 'none:z'] } }),
    response: json({ a: null, f: false, x: 1 }),
    expect: sends({ x: null, y: false }),
  },
  {
    field: 'replace.json',
    set: config({ replace: { json: ['a:new', 'f:new', 'n:new', 'none:new'] } }),
    response: json({ a: 1, f: false, n: null }),
    expect: sends({ a: 'new', f: false, n: 'new' }),
  },
  {
    field: 'add.json',
    set: config({ add: { json: ['a:new', 'f:new', 'b:/"\\', 'c:'] } }),
    response: json({ a: 1, f: false }),
    expect: sends({ a: 1, f: 'new', b: '/"\\', c: 'null' }),
  },
  {
    field: 'append.json',
    set: config({ append: { json: ['t:new', 'l:new', 'n:new', 'none:new', 'o:new'] } }),
    response: json({ t: 'old', l: ['old'], n: 1, o: { x: 1 } }),
    expect: sends({
      t: ['old', 'new'],
      l: ['old', 'new'],
      n: ['new'],
      none: ['new'],
      o: { 1: 'new', x: 1 },
    }),
  },
  {
    field: 'replace.json_types',
    set: config({ replace: { json: ['a:1.50', 'b:true'], json_types: ['number', 'boolean'] } }),
    unset: config({ replace: { json: ['a:1.50', 'b:true'] } }),
    response: json({ a: 'x', b: 'x' }),
    expect: sends({ a: 1.5, b: true }),
  },
  {
    field: 'add.json_types',
    set: config({
      add: {
        json: ['a:0x10', 'b:yes', 'c:-3', 'd:NaN', 'e:1', 'f:7'],
        json_types: ['number', 'boolean', 'number', 'number', 'string'],
      },
    }),
    unset: config({ add: { json: ['a:0x10', 'b:yes', 'c:-3', 'd:NaN', 'e:1', 'f:7'] } }),
    response: json({}),
    expect: sends({ a: 16, b: false, c: -3, e: '1', f: '7' }),
  },
  {
    field: 'append.json_types',
    set: config({ append: { json: ['a:1'], json_types: ['number'] } }),
    unset: config({ append: { json: ['a:1'] } }),
    response: json({ a: ['x'] }),
    expect: sends({ a: ['x', 1] }),
  },
]);

test('whether a header is there is asked of the answer as it came', async () => {
  const parts = config({
    remove: { headers: ['x-a', 'x-b'] },
    replace: { headers: ['x-a:replaced'] },
    add: { headers: ['x-b:added', 'x-c:first', 'x-c:second'] },
  });
  const { headers } = await runPlugin(responseTransformer, parts, {
    response: { headers: ['x-a', '1', 'x-b', '1'] },
  });
  assert.deepEqual(headers, ['x-a', 'replaced', 'x-c', 'second']);
});

test('JSON is changed by its type only, and loses its length', async () => {
  const parts = config({ add: { json: ['new:1'] } });
  const run = async (type: string, body: string) =>
    runPlugin(responseTransformer, parts, {
      response: { headers: ['Content-Type', type, 'Content-Length', '2'], body },
    });
  for (const type of [
    'application/json',
    'Application/JSON; charset="utf-8"',
    'application/vnd.api+json',
    'text/plain, application/json',
  ]) {
    const { body, headers } = await run(type, '{}');
    assert.equal(body, '{"new":"1"}', type);
    assert.deepEqual(headers, ['Content-Type', type]);
  }
  for (const type of ['text/json', 'application/jsonp', 'application/json;', 'application/xml']) {
    const { headers } = await run(type, '{}');
    assert.deepEqual(headers, ['Content-Type', type, 'Content-Length', '2'], type);
  }
  for (const body of ['{', '[1, 2]', '"text"', 'null', '']) {
    assert.equal((await run('application/json', body)).body, body);
  }
});

test('names that objects inherit are members like others', async () => {
  const parts = config({
    add: { json: ['__proto__:x', 'constructor:y'] },
    remove: { json: ['toString'] },
  });
  const { body } = await runPlugin(responseTransformer, parts, { response: json({}) });
  assert.equal(body, '{"__proto__":"x","constructor":"y"}');
});

test('answers are kept apart, and too large ones pass', () => {
  const bodies = collectBodies<object>(4);
  const [one, other] = [{}, {}];
  const add = (owner: object, text?: string) => {
    const { kind, ...rest } = bodies.add(owner, text === undefined ? undefined : Buffer.from(text));
    return [kind, 'bytes' in rest ? rest.bytes?.toString() : undefined];
  };
  assert.deepEqual(add(one, 'ab'), ['pending', undefined]);
  assert.deepEqual(add(other, 'xyz'), ['pending', undefined]);
  assert.deepEqual(add(one, 'cd'), ['pending', undefined]);
  assert.deepEqual(add(one), ['whole', 'abcd']);
  assert.deepEqual(add(other, 'zz'), ['too-large', 'xyzzz']);
  assert.deepEqual(add(other, 'more'), ['too-large', 'more']);
  assert.deepEqual(add(other), ['too-large', undefined]);
});

test('what no header can hold is refused when the config loads', () => {
  const bad = config({
    add: { headers: ['x-a:b\r\nSet-Cookie: c', 'no colon', 'x a:b'] },
    rename: { headers: ['x-a:b c'], json: ['a'] },
    remove: { headers: ['x\na'] },
  });
  assert.deepEqual(problemsOf(responseTransformer, bad), [
    "config.remove.headers.0: 'x\na' is no header name (RFC 9110 section 5.1)",
    'config.rename.json.0: invalid value: a',
    "config.rename.headers.0: 'b c' is not a valid header",
    'config.add.headers.0: a header cannot hold line breaks and other control characters',
    'config.add.headers.1: invalid value: no colon',
    "config.add.headers.2: 'x a' is no header name (RFC 9110 section 5.1)",
  ]);
});
