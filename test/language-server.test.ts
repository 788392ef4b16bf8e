/** The published schema in the real yaml-language-server: what an editor completes, shows and underlines. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PLUGIN_NAMES, entitySchema, pluginSchema } from '../src/config/schemas.ts';
import { SCHEMA_FILE } from './support/generate-schema.ts';
import { startLanguageServer } from './support/language-server.ts';

const HEAD = `# yaml-language-server: $schema=${fileURLToPath(SCHEMA_FILE)}
_format_version: '3.0'
`;

const scopedTo = (scope: string): readonly string[] =>
  PLUGIN_NAMES.filter((name) => pluginSchema(name)?.['x-kong-scopes'].includes(scope));

test('yaml-language-server', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-editor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kong.yaml');
  const server = await startLanguageServer(t);
  const labels = async (marked: string): Promise<string[]> =>
    (await server.complete(file, HEAD + marked)).map(({ label }) => label);

  const completions: readonly {
    readonly name: string;
    readonly at: string;
    readonly has: readonly string[];
    readonly hasNot?: readonly string[];
  }[] = [
    { name: 'the lists of a document', at: '|', has: ['services', 'routes', 'consumers'] },
    {
      name: 'the fields and children of a service',
      at: 'services:\n  - name: s\n    |',
      has: ['url', 'host', 'routes', 'plugins'],
      hasNot: ['name', 'paths'],
    },
    {
      name: 'the fields of a nested route, less the one that names its parent',
      at: 'services:\n  - name: s\n    routes:\n      - name: r\n        |',
      has: ['paths', 'methods', 'plugins'],
      hasNot: ['service'],
    },
    {
      name: 'config once a plugin is named',
      at: 'plugins:\n  - name: jwt\n    |',
      has: ['config', 'route', 'protocols'],
    },
    {
      name: "the fields of that plugin's config, and of no other",
      at: 'plugins:\n  - name: jwt\n    config:\n      |',
      has: Object.keys(pluginSchema('jwt')?.properties ?? {}),
      hasNot: ['key_names', 'status_code', 'header_name'],
    },
    {
      name: 'the rest of a config, four levels deep',
      at: `services:
  - name: s
    routes:
      - name: r
        plugins:
          - name: key-auth
            config:
              key_in_body: true
              |`,
      has: ['key_names', 'hide_credentials'],
      hasNot: ['key_in_body', 'claims_to_verify'],
    },
    {
      name: 'the values of an enum in a list',
      at: 'plugins:\n  - name: jwt\n    config:\n      claims_to_verify:\n        - |',
      has: ['exp', 'nbf'],
    },
    {
      name: 'true and false',
      at: 'plugins:\n  - name: jwt\n    config:\n      run_on_preflight: |',
      has: ['true', 'false'],
    },
    {
      name: 'the algorithms of a credential',
      at: 'consumers:\n  - username: c\n    jwt_secrets:\n      - algorithm: |',
      has: [...(entitySchema('jwt_secrets').properties['algorithm']?.enum ?? [])].map(String),
    },
  ];
  for (const { name, at, has, hasNot = [] } of completions) {
    await t.test(`completes ${name}`, async () => {
      const found = await labels(at);
      assert.ok(has.length > 0);
      assert.deepEqual(
        has.filter((label) => !found.includes(label)),
        [],
        found.join(' '),
      );
      assert.deepEqual(
        hasNot.filter((label) => found.includes(label)),
        [],
      );
    });
  }

  await t.test('completes the names of plugins, each with its sentence', async () => {
    const found = await server.complete(file, `${HEAD}plugins:\n  - name: |`);
    assert.deepEqual(found.map(({ label }) => label).toSorted(), PLUGIN_NAMES);
    const jwt = found.find(({ label }) => label === 'jwt');
    assert.equal(jwt?.documentation, pluginSchema('jwt')?.description);
  });

  await t.test('completes below a consumer only what can be limited to one', async () => {
    const found = await labels('consumers:\n  - username: c\n    plugins:\n      - name: |');
    assert.deepEqual(found.toSorted(), scopedTo('consumer'));
  });

  await t.test('completes the config of every plugin', async () => {
    for (const name of PLUGIN_NAMES) {
      const fields = Object.keys(pluginSchema(name)?.properties ?? {});
      // oxlint-disable-next-line no-await-in-loop -- one server, one question at a time
      const found = await labels(`plugins:\n  - name: ${name}\n    config:\n      |`);
      const names = found.filter((label) => fields.includes(label));
      assert.deepEqual(names.toSorted(), fields.toSorted(), name);
    }
  });

  await t.test('completes nothing that reads [object Object]', async () => {
    const places = ['routes:\n  - headers: |', 'upstreams:\n  - healthchecks: |', '|'];
    for (const place of places) {
      // oxlint-disable-next-line no-await-in-loop -- one server, one question at a time
      const found = await server.complete(file, HEAD + place);
      assert.ok(found.length > 0, place);
      assert.doesNotMatch(JSON.stringify(found), /object Object/, place);
    }
  });

  const hovers: readonly (readonly [name: string, marked: string, shown: readonly RegExp[]])[] = [
    [
      'an entity field: meaning, default and example',
      'services:\n  - name: s\n    url: http://a.test\n    read_time|out: 5\n',
      [/Milliseconds between two successive reads/, /Default: 60000/, /Example:[^]*30000/],
    ],
    [
      "a field of a plugin's config",
      'plugins:\n  - name: jwt\n    config:\n      claims_to_|verify: [exp]\n',
      [/Registered claims/, /No default/, /Example:[^]*- exp/],
    ],
    ['the name of a plugin', 'plugins:\n  - name: j|wt\n', [/signed JSON Web Token/, /key-auth/]],
    ['a list', 'serv|ices:\n  - name: s\n    url: http://a.test\n', [/The services/]],
    [
      'a reference',
      'routes:\n  - name: r\n    paths: [/]\n    serv|ice: s\n',
      [/service that requests are forwarded to/],
    ],
  ];
  for (const [name, marked, shown] of hovers) {
    await t.test(`shows ${name}`, async () => {
      const text = await server.hover(file, HEAD + marked);
      for (const pattern of shown) assert.match(text, pattern);
    });
  }

  const findings: readonly (readonly [name: string, text: string, line: number, RegExp])[] = [
    ['an unknown field', 'services:\n  - name: s\n    host: a.test\n    prot: 80\n', 6, /prot/],
    ['a wrong type', 'services:\n  - name: s\n    host: a.test\n    port: eighty\n', 6, /integer/],
    ['a service without host and url', 'services:\n  - name: s\n', 4, /host, url/],
    ['a route that matches nothing', 'routes:\n  - name: r\n', 4, /paths/],
    ['an unknown plugin', 'plugins:\n  - name: jtw\n', 4, /"jwt"/],
    [
      'a bad value in the config of a plugin',
      'plugins:\n  - name: jwt\n    config:\n      claims_to_verify: [iss]\n',
      6,
      /"exp", "nbf"/,
    ],
    [
      'an unknown field in the config of a nested plugin',
      'routes:\n  - name: r\n    paths: [/]\n    plugins:\n      - name: jwt\n        config:\n          claims: [exp]\n',
      9,
      /claims/,
    ],
    [
      'a nested entity that names its parent',
      'consumers:\n  - username: c\n    jwt_secrets:\n      - consumer: c\n',
      6,
      /belongs to the consumer/,
    ],
    [
      'a plugin that cannot be limited to a consumer',
      'plugins:\n  - name: jwt\n    consumer: c\n',
      5,
      /jwt cannot be limited/,
    ],
    [
      'TLS fields on a plain service',
      'services:\n  - name: s\n    host: a.test\n    tls_verify: true\n',
      6,
      /protocol/,
    ],
    ['a path without its slash', 'routes:\n  - name: r\n    paths: [orders]\n', 5, /slash/],
  ];
  for (const [name, text, line, message] of findings) {
    await t.test(`underlines ${name}`, async () => {
      const [first, ...others] = await server.check(file, HEAD + text);
      assert.deepEqual(others, []);
      assert.equal(first?.line, line, first?.message);
      assert.match(first.message, message);
    });
  }

  await t.test('underlines nothing in a good document', async () => {
    const good = `services:
  - name: s
    url: https://a.test
    tls_verify: true
    routes:
      - name: r
        paths: [/, ~/v\\d+$]
        plugins:
          - name: jwt
            config: { claims_to_verify: [exp] }
plugins:
  - name: correlation-id
    service: s
consumers:
  - username: c
    keyauth_credentials: [{ key: "\${KEY}" }]
`;
    assert.deepEqual(await server.check(file, HEAD + good), []);
  });
});
