/** What is refused of routes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROTOCOLS, table } from './validate.test.fixture.ts';
import { validateEntity } from './validate.ts';

const route = (more: object) => ({ name: 'r', paths: ['/r'], ...more });

const HTTPS_MATCHERS =
  "@entity: must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https'";
const STREAM_MATCHERS =
  "@entity: must set one of 'sources', 'destinations', 'snis' when 'protocols' is 'tcp', 'tls' or 'udp'";

table('routes', [
  ['nothing to match on', { name: 'r' }, [HTTPS_MATCHERS]],
  ['empty lists to match on', { paths: [], hosts: [], headers: {} }, [HTTPS_MATCHERS]],
  [
    'http only',
    { protocols: ['http'] },
    ["@entity: must set one of 'methods', 'hosts', 'headers', 'paths' when 'protocols' is 'http'"],
  ],
  [
    'grpc only',
    { protocols: ['grpc'] },
    ["@entity: must set one of 'hosts', 'headers', 'paths' when 'protocols' is 'grpc'"],
  ],
  [
    'grpcs',
    { protocols: ['grpc', 'grpcs'] },
    ["@entity: must set one of 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'grpcs'"],
  ],
  [
    'tls_passthrough',
    { protocols: ['tls_passthrough'] },
    ["@entity: must set snis when 'protocols' is 'tls_passthrough'"],
  ],
  [
    'tcp with paths',
    { protocols: ['tcp'], paths: ['/x'] },
    [
      "paths: cannot set 'paths' when 'protocols' is 'tcp', 'tls', 'tls_passthrough' or 'udp'",
      STREAM_MATCHERS,
    ],
  ],
  [
    'grpc with methods',
    route({ protocols: ['grpc'], methods: ['GET'] }),
    ["methods: cannot set 'methods' when 'protocols' is 'grpc' or 'grpcs'"],
  ],
  ['grpc strips by itself', route({ protocols: ['grpc'] }), []],
  [
    'grpc with strip_path',
    route({ protocols: ['grpc'], strip_path: true }),
    ["strip_path: cannot set 'strip_path' when 'protocols' is 'grpc' or 'grpcs'"],
  ],
  [
    'sources on http',
    route({ sources: [{ ip: '127.0.0.1' }] }),
    ["sources: cannot set 'sources' when 'protocols' is 'http' or 'https'"],
  ],
  [
    'source of nothing',
    { protocols: ['tcp'], sources: [{}] },
    ["sources.0.@entity: at least one of these fields must be non-empty: 'ip', 'port'"],
  ],
  [
    'snis on http',
    route({ protocols: ['http'], snis: ['a.test'] }),
    [
      'snis: length must be 0',
      "@entity: 'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'",
    ],
  ],
  ['no protocol', route({ protocols: [] }), ['protocols: unknown type: nil']],
  ['unknown first protocol', route({ protocols: ['ftp'] }), ['protocols: unknown type: ftp']],
  [
    'unknown second protocol',
    route({ protocols: ['http', 'ftp'] }),
    [`protocols.1: expected one of: ${PROTOCOLS}`],
  ],
  [
    'unknown protocol before a known one',
    route({ protocols: ['ftp', 'http'] }),
    [`protocols.0: expected one of: ${PROTOCOLS}`],
  ],
  [
    'one bad path',
    route({ paths: ['/ok', 'x'] }),
    ['paths.1: should start with: / (fixed path) or ~/ (regex path)'],
  ],
  ['a bad path is still something to match on', { paths: [5] }, ['paths.0: expected a string']],
  ['paths of another type', route({ paths: '/x' }), ['paths: expected an array']],
  ['header value', route({ headers: { 'x-a': 'b' } }), ['headers: expected an array']],
  [
    'element of a header value',
    route({ headers: { 'x-a': [5] } }),
    ['headers.0: expected a string'],
  ],
  ['headers as a list', route({ headers: ['x-a'] }), ['headers: expected a string']],
  ['no headers', route({ headers: [] }), []],
  [
    'host among the headers',
    route({ headers: { Host: ['a'] } }),
    ["headers: cannot contain 'host' header, which must be specified in the 'hosts' attribute"],
  ],
  [
    'redirect code',
    route({ https_redirect_status_code: 400 }),
    ['https_redirect_status_code: expected one of: 426, 301, 302, 307, 308'],
  ],
  [
    'the parent of a nested route',
    route({ service: 'x' }),
    ['service: value must be null'],
    { nestedIn: 'services' },
  ],
  ['null for the parent', route({ service: null }), [], { nestedIn: 'services' }],
  [
    'regular expression',
    route({ paths: ['~/('] }),
    ['paths.0: no good'],
    { checkRegex: () => 'no good' },
  ],
]);

test('a look-around is drawn as by the expression router', () => {
  const [issue, ...more] = validateEntity('routes', { paths: ['~/a(?=b)'] });
  assert.equal(
    issue?.message,
    'Router Expression failed validation:  --> 1:14\n  |\n1 | (http.path ~ r#"^/a(?=b)"#)\n' +
      '  |              ^-----------^\n  |\n  = regex parse error:\n    ^/a(?=b)\n       ^^^\n' +
      'error: look-around, including look-ahead and look-behind, is not supported',
  );
  assert.equal(issue?.entityLevel, true);
  assert.match(issue?.predicate ?? '', /linear time: look-around/);
  assert.deepEqual(issue?.at, ['paths', 0]);
  assert.deepEqual(more, []);
});
