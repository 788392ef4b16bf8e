/** decK's dialect: what its words mean, and where they are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, type ConfigIssue } from '../../errors.ts';
import { loadConfig, type LoadedConfig } from '../load.ts';
import { maskTemplates } from './templates.ts';

const ENV = { DECK_HOST: 'up.test', DECK_PORT: '8080', DECK_TEXT: 'one\ntwo', OTHER: 'x' };

const load = (text: string): LoadedConfig =>
  loadConfig(
    {
      kind: 'files',
      texts: [
        { text: `_format_version: "3.0"\n${text}`, file: 'f.yaml', format: 'auto', folder: '/' },
      ],
    },
    {
      plugins: ['key-auth', 'request-termination'],
      now: 0,
      references: { env: ENV, readFile: () => assert.fail('no file is read') },
    },
  );

function issueOf(text: string): ConfigIssue {
  try {
    load(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError && error.issues[0] !== undefined);
    return error.issues[0];
  }
  return assert.fail('was accepted');
}

test('select_tags are tags of every entity, once', () => {
  const { entities } = load(`
_info: { select_tags: [team, prod] }
services:
- { name: s, host: h, tags: [team, own], routes: [{ name: r, paths: [/r] }] }
consumers:
- { username: c, keyauth_credentials: [{ key: k }] }
`).config;
  assert.deepEqual(entities.services[0]?.tags, ['team', 'own', 'prod']);
  assert.deepEqual(entities.routes[0]?.tags, ['team', 'prod']);
  assert.deepEqual(entities.keyauth_credentials[0]?.tags, ['team', 'prod']);
});

test('defaults fill what an entity leaves out', () => {
  const { services, routes, upstreams } = load(`
_info:
  defaults:
    service: { retries: 2, port: "\${DECK_PORT}", path: /base }
    route: { strip_path: false }
    upstream: { healthchecks: { active: { concurrency: 3 } } }
services:
- { name: s, host: h, retries: 1, routes: [{ name: r, paths: [/r] }] }
upstreams:
- { name: u, healthchecks: { active: { timeout: 2 } } }
`).config.entities;
  assert.deepEqual(
    [services[0]?.retries, services[0]?.port, services[0]?.path, routes[0]?.strip_path],
    [1, 8080, '/base', false],
  );
  const active = upstreams[0]?.healthchecks.active;
  assert.deepEqual([active?.concurrency, active?.timeout], [3, 2]);
});

test("_plugin_configs: the plugin's own settings win, at every level", () => {
  const [plugin] = load(`
_plugin_configs:
  down: { status_code: "\${DECK_CODE:-418}", message: shared }
plugins:
- { name: request-termination, _config: down, config: { message: own } }
`).config.entities.plugins;
  assert.deepEqual([plugin?.config['status_code'], plugin?.config['message']], [418, 'own']);
});

test('workspace and control plane say where decK would put it, and nothing here', () => {
  const { entities } = load(`
_workspace: team
_konnect: { control_plane_name: cp }
_info: { default_lookup_tags: { consumers: [x] }, include_plugin_definitions: true }
services: [{ name: s, host: h }]
`).config;
  assert.equal(entities.services.length, 1);
});

test('passwords that are digests already stay as they are', () => {
  const consumers =
    'consumers: [{ username: c, basicauth_credentials: [{ username: u, password: p }] }]';
  const passwordOf = (head: string) =>
    load(`${head}\n${consumers}`).config.entities.basicauth_credentials[0]?.password;
  assert.equal(passwordOf('_info: { skip_hash_for_basic_auth: true }'), 'p');
  assert.match(passwordOf('_info: {}') ?? '', /^[0-9a-f]{40}$/);
});

for (const [text, code, message] of [
  [
    'plugins: [{ name: key-auth, _config: shard }]\n_plugin_configs: { shared: {} }',
    'SB1421',
    /has no 'shard'/,
  ],
  ['_info: 1', 'SB1422', /expected a record/],
  ['_info: { select_tags: a }', 'SB1422', /array of strings/],
  ['_info: { select_tag: [a] }', 'SB1422', /unknown field/],
  ['_info: { defaults: { services: {} } }', 'SB1422', /expected one of: service, route/],
  [
    '_info: {}\nservices: [{ url: "http://a.test", host: b.test }]',
    'SB1423',
    /decK takes 'host', Kong takes 'url'/,
  ],
  ['services: [{ host: "${{ upper DECK_HOST }}" }]', 'SB1424', /cannot read/],
  ['services: [{ host: "${{ env "OTHER" }}" }]', 'SB1425', /does not begin with DECK_/],
  ['services: [{ host: "${{ env "DECK_HSOT" }}" }]', 'SB1510', /'DECK_HSOT' is not set/],
] as const) {
  test(`${text.replaceAll('\n', ' ')} is refused`, () => {
    const issue = issueOf(text);
    assert.equal(issue.code, code);
    assert.match(issue.message, message);
    assert.equal(issue.position?.file, 'f.yaml');
  });
}

test('parts of a url that agree with it are no clash', () => {
  const [service] = load(
    '_info: {}\nservices: [{ url: "http://a.test:81/x", host: a.test, port: 81, path: /x }]',
  ).config.entities.services;
  assert.equal(service?.host, 'a.test');
});

test('templates in every style of YAML, and in comments', () => {
  const { services, plugins } = load(`
# host: \${{ env "DECK_NOWHERE" }}
services:
- name: s
  host: \${{ env "DECK_HOST" }}
  port: \${{ env "DECK_PORT" | toInt }}
- { name: t, host: "\${{ env "DECK_HOST" }}", port: \${{ env "DECK_PORT" }} }
- { name: u, host: 'a.\${{ env "DECK_HOST" }}' }
plugins:
- name: request-termination
  config:
    message: |
      \${{ env "DECK_TEXT" | indent 6 }}
      end
`).config.entities;
  assert.deepEqual(
    new Set(services.map(({ name, host, port }) => `${name} ${host} ${port}`)),
    new Set(['s up.test 8080', 't up.test 8080', 'u a.up.test 80']),
  );
  assert.equal(plugins[0]?.config['message'], 'one\ntwo\nend\n');
});

test('templates in JSON, where their quotes are escaped', () => {
  const text =
    '{"_format_version":"3.0","services":[{"name":"s","host":"${{ env \\"DECK_HOST\\" }}"}]}';
  const { config } = loadConfig(
    { kind: 'files', texts: [{ text, file: 'f.json', format: 'auto', folder: '/' }] },
    {
      plugins: [],
      now: 0,
      references: { env: ENV, readFile: () => assert.fail('no file is read') },
    },
  );
  assert.equal(config.entities.services[0]?.host, 'up.test');
});

test('masking keeps the length of a text, and so every place in it', () => {
  const text = 'a: ${{ env "DECK_A" }} # ${{ x }}\nb: "${{env `DECK_B`}}"';
  const { text: masked, templates } = maskTemplates(text);
  assert.equal(masked.length, text.length);
  assert.equal(masked.indexOf('\n'), text.indexOf('\n'));
  assert.deepEqual(templates, ['${{ env "DECK_A" }}', '${{ x }}', '${{env `DECK_B`}}']);
});
