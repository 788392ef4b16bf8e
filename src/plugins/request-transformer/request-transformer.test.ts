/** The request-transformer plugin: every rule in every place, and what must not come through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestTransformerConfig } from '../../config/schema-types.ts';
import type { HeaderList } from '../../http/headers.ts';
import {
  problemsOf,
  runPlugin,
  testFields,
  type Observed,
} from '../../gateway/plugin-run.test.fixture.ts';
import { requestTransformer } from './index.ts';

type Part = Partial<Record<'headers' | 'querystring' | 'body', readonly string[]>> & {
  readonly uri?: string;
};
/** Parts as a person writes them; the defaults fill in the rest. */
const config = (
  parts: Partial<Record<'remove' | 'rename' | 'replace' | 'add' | 'append', Part>> & {
    readonly http_method?: string;
  },
) =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is left out, the schema's defaults fill in
  parts as Partial<RequestTransformerConfig>;

const FORM = 'application/x-www-form-urlencoded';
const post = (body: string, type = FORM) => ({
  method: 'POST',
  headers: ['Content-Type', type],
  body,
});
const json = (value: unknown) => post(JSON.stringify(value), 'application/json');
const headersAre = (headers: HeaderList) => (observed: Observed) =>
  assert.deepEqual(observed.upstream.headers, headers);
const queryIs = (query: string) => (observed: Observed) =>
  assert.equal(observed.upstream.query, query);
const bodyIs = (body: string) => (observed: Observed) => assert.equal(observed.upstream.body, body);

testFields(requestTransformer, [
  {
    field: 'http_method',
    set: config({ http_method: 'PATCH' }),
    expect: ({ upstream }) => assert.equal(upstream.method, 'PATCH'),
  },
  {
    field: 'replace.uri',
    set: config({ replace: { uri: '/new/$(query_params.id)' } }),
    request: { target: '/old?id=7' },
    expect: ({ upstream }) =>
      assert.deepEqual([upstream.path, upstream.query], ['/new/7', '?id=7']),
  },
  {
    field: 'remove.headers',
    set: config({ remove: { headers: ['x-a', 'host'] } }),
    request: { headers: ['Host', 'h', 'X-A', '1', 'x-a', '2', 'X-B', '3'] },
    expect: headersAre(['Host', 'h', 'X-B', '3']),
  },
  {
    field: 'rename.headers',
    set: config({ rename: { headers: ['x-a:X-New', 'x-none:x-b', 'x-c:X-C'] } }),
    request: { headers: ['X-A', '1', 'x-a', '2', 'x-new', '3', 'X-B', '4', 'x-c', '5'] },
    expect: headersAre(['X-B', '4', 'X-New', '1', 'X-New', '2', 'X-C', '5']),
  },
  {
    field: 'replace.headers',
    set: config({ replace: { headers: ['x-a:new', 'x-none:new', 'Host:api.test'] } }),
    request: { headers: ['Host', 'h', 'X-A', '1', 'x-a', '2'] },
    expect: ({ upstream }) =>
      assert.deepEqual(
        [upstream.host, upstream.headers],
        ['api.test', ['Host', 'h', 'x-a', 'new']],
      ),
  },
  {
    field: 'add.headers',
    set: config({ add: { headers: ['x-a:new', 'X-B: caf\u00e9:1 ', 'x-b:late', 'host:x'] } }),
    request: { headers: ['X-A', ''] },
    expect: headersAre(['X-A', '', 'X-B', 'caf\u00c3\u00a9:1']),
  },
  {
    field: 'append.headers',
    set: config({ append: { headers: ['x-a:2', 'x-b:3', 'host:x'] } }),
    request: { headers: ['X-A', '1'] },
    expect: headersAre(['X-A', '1', 'x-a', '2', 'x-b', '3']),
  },
  {
    field: 'remove.querystring',
    set: config({ remove: { querystring: ['a', 'none'] } }),
    request: { target: '/?z=1&a=2&b&a=3' },
    expect: queryIs('?b&z=1'),
  },
  {
    field: 'rename.querystring',
    set: config({ rename: { querystring: ['a:b', 'none:z'] } }),
    request: { target: '/?a=1&a=2&b=3&z=4' },
    expect: queryIs('?b=1&b=2&z=4'),
  },
  {
    field: 'replace.querystring',
    set: config({ replace: { querystring: ['a:x y', 'b:\u00e9', 'none:z'] } }),
    request: { target: '/?a=1&a=2&b' },
    expect: queryIs('?a=x%20y&b=%C3%A9'),
  },
  {
    field: 'add.querystring',
    set: config({ add: { querystring: ['a:new', 'b:new', 'c:1&d=2'] } }),
    request: { target: '/?a=%ff&b' },
    expect: queryIs('?a=%FF&b&c=1%26d%3D2'),
  },
  {
    field: 'append.querystring',
    set: config({ append: { querystring: ['a:2', 'b:2', 'c:2'] } }),
    request: { target: '/?a=1&b' },
    expect: queryIs('?a=1&a=2&b=2&c=2'),
  },
  {
    field: 'remove.body',
    set: config({ remove: { body: ['a'] } }),
    request: post('z=1&a=2&b&a=3'),
    expect: bodyIs('z=1&b'),
  },
  {
    field: 'rename.body',
    set: config({ rename: { body: ['a:b', 'f:g'] } }),
    request: json({ a: [1], b: 2, f: false }),
    expect: bodyIs('{"b":[1],"f":false}'),
  },
  {
    field: 'replace.body',
    set: config({ replace: { body: ['a:new', 'n:new', 'f:new', 'none:new'] } }),
    request: json({ a: 1, n: null, f: false }),
    expect: bodyIs('{"a":"new","n":"new","f":false}'),
  },
  {
    field: 'add.body',
    set: config({ add: { body: ['a:new', 'f:new', '__proto__:new'] } }),
    request: json({ a: 1, f: false }),
    expect: bodyIs('{"a":1,"f":"new","__proto__":"new"}'),
  },
  {
    field: 'append.body',
    set: config({ append: { body: ['t:new', 'l:new', 'n:new', 'none:new'] } }),
    request: json({ t: 'old', l: ['old'], n: 1 }),
    expect: bodyIs('{"t":["old","new"],"l":["old","new"],"n":["new"],"none":["new"]}'),
  },
]);

const run = (parts: Parameters<typeof config>[0], request: Parameters<typeof runPlugin>[2] = {}) =>
  runPlugin(requestTransformer, config(parts), request);

test('bodies that have no members are left alone', async () => {
  const parts = { add: { body: ['new:1'] }, remove: { body: ['a'] } };
  for (const [body, type] of [
    ['a=1', 'text/plain'],
    ['{"a":1', 'application/json'],
    ['[1, 2]', 'application/json'],
    ['"a"', 'application/json'],
    ['null', 'application/json'],
    ['--x\r\nno end', 'multipart/form-data; boundary=x'],
    ['a', 'multipart/form-data'],
  ] as const) {
    const { upstream } = await run(parts, { request: post(body, type) });
    assert.equal(upstream.body, body);
  }
});

const emptyBecomes = async (parts: Parameters<typeof config>[0], type: string) =>
  (await run(parts, { request: post('', type) })).upstream.body;

test('an empty body gets what is added, and nothing else', async () => {
  const added = { add: { body: ['a:1'] }, append: { body: ['b:2'] } };
  assert.equal(await emptyBecomes(added, FORM), 'a=1&b=2');
  assert.equal(await emptyBecomes(added, 'application/json'), '{"a":"1","b":["2"]}');
  assert.equal(await emptyBecomes({ remove: { body: ['a'] } }, 'application/json'), '');
});

const part = (name: string, value: string, more = ''): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;

test('multipart forms: parts go and come, the rest stays byte for byte', async () => {
  const original = `preamble\r\n${part('a', '1')}${part('keep', '\0\xff', '; filename="f"')}${part('c', '3')}--b--\r\nepilogue`;
  const { upstream } = await run(
    {
      rename: { body: ['a:x"y'] },
      remove: { body: ['none'] },
      replace: { body: ['c:$(headers.x_v)', 'none:1'] },
      add: { body: ['new:1', 'keep:2'] },
      append: { body: ['c:4'] },
    },
    {
      request: {
        method: 'POST',
        headers: ['Content-Type', 'multipart/form-data; boundary=b', 'X-V', 'v'],
        body: original,
      },
    },
  );
  assert.equal(
    upstream.body,
    `preamble\r\n${part('keep', '\0\xff', '; filename="f"')}${part('x%22y', '1')}${part('c', 'v')}${part('new', '1')}--b--\r\nepilogue`,
  );
});

const queryFor = async (method: string, target: string) =>
  (await run({ http_method: method }, { request: { ...post('a=2&b'), target } })).upstream.query;

test('a form moves into the query of a request that has no body', async () => {
  assert.equal(await queryFor('GET', '/?a=1'), '?a=1&a=2&b');
  assert.equal(await queryFor('HEAD', '/'), '?a=2&b');
  assert.equal(await queryFor('PUT', '/?z'), '?z');
});

test('templates see the request as it came, and cannot break out of their place', async () => {
  const { upstream } = await run(
    {
      remove: { headers: ['x-a'], querystring: ['q'] },
      add: {
        headers: ['x-copy:$(headers.x_a)', 'x-q:$(query_params.q)!'],
        querystring: ['copy:$(query_params.q)'],
        body: ['copy:$(query_params.q)'],
      },
      replace: { uri: '$(query_params.q)' },
    },
    {
      request: {
        ...post('z=1'),
        target: '/?q=a%0d%0aX-Evil:1%26%00',
        headers: ['X-A', 'v', 'Content-Type', FORM],
      },
    },
  );
  assert.deepEqual(upstream.headers, ['Content-Type', FORM, 'x-copy', 'v', 'x-q', 'aX-Evil:1&!']);
  assert.equal(upstream.query, '?copy=a%0D%0AX-Evil%3A1%26%00');
  assert.equal(upstream.body, 'z=1&copy=a%0D%0AX-Evil%3A1%26%00');
  assert.equal(upstream.path, '/a\r\nX-Evil:1&\0', 'it is encoded on its way to the upstream');
});

test('what cannot work is refused when the config loads, where it stands', async () => {
  assert.deepEqual(
    problemsOf(
      requestTransformer,
      config({
        http_method: 'get',
        remove: { headers: ['x a', ':'] },
        rename: { headers: ['x-a', 'x-a:x b'], body: ['a:'] },
        add: { headers: ['x-a:b\r\nc:d', 'x a:b', 'x-a'], querystring: ['a'] },
      }),
    ),
    [
      'config.http_method: invalid value: get',
      "config.remove.headers.0: 'x a' is not a valid header",
      "config.remove.headers.1: 'nil' is not a valid header",
      "config.rename.body.0: key 'a' has no value",
      'config.rename.headers.0: invalid value: x-a',
      "config.rename.headers.1: 'x b' is not a valid header",
      'config.add.headers.0: a header cannot hold line breaks and other control characters',
      "config.add.headers.1: 'x a' is not a valid header",
      'config.add.headers.2: invalid value: x-a',
      "config.add.querystring.0: key 'a' has no value",
    ],
  );
  await assert.rejects(
    run({ add: { headers: ['x-a:ok', 'x-b:$(os.exit())'] }, replace: { uri: '/$()' } }),
    {
      issues: [
        {
          path: ['add', 'headers', 1],
          message:
            "value '$(os.exit())' is not in supported format, error: 'os' is not known at character 3; " +
            'there are: headers, query_params, uri_captures, shared, type, tostring, tonumber, ' +
            'string.lower, string.upper, string.len, string.sub, string.format',
        },
        {
          path: ['replace', 'uri'],
          message:
            "value '/$()' is not in supported format, error: a value is missing at character 4",
        },
      ],
    },
  );
});
