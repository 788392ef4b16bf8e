/** What `diff` says about two configs: which entities are the same, what differs, and what is never shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffAsJson, renderDiff } from './diff-report.ts';
import { createLoader } from './documents.ts';
import { diffEntities, rowsOf } from './entity-diff.ts';

const load = createLoader({ plugins: ['key-auth', 'jwt', 'request-termination'] });
const rows = (entities: object) =>
  rowsOf(load({ kind: 'object', value: { _format_version: '3.0', ...entities } }).config);

const shown = (before: object, after: object): string =>
  renderDiff(diffEntities(rows(before), rows(after)), { color: false });

const SERVICE = { name: 's', host: 'h' };
const ID = '5a2c1d3e-0000-4000-8000-00000000000';

const upstream = (timeout: number) => ({
  upstreams: [{ name: 'u', healthchecks: { active: { timeout } }, tags: ['a'] }],
});

test('fields at every depth, with what they were', () => {
  assert.equal(
    shown(
      { services: [{ ...SERVICE, port: 80 }], ...upstream(1) },
      { services: [{ ...SERVICE, port: 81 }], ...upstream(2) },
    ),
    '~ service s\n    port: 80 → 81\n~ upstream u\n    healthchecks.active.timeout: 1 → 2\n0 added, 2 changed, 0 removed',
  );
});

test('a new entity shows what is not a default; a removed one its name', () => {
  assert.equal(
    shown({ services: [SERVICE] }, { services: [{ name: 't', host: 'h', retries: 1 }] }),
    '+ service t\n    name: "t"\n    retries: 1\n    host: "h"\n- service s\n1 added, 0 changed, 1 removed',
  );
});

for (const [name, before, after] of [
  [
    'another id and the same name',
    { services: [{ ...SERVICE, id: `${ID}1` }] },
    { services: [{ ...SERVICE, id: `${ID}2` }] },
  ],
  [
    'a plugin below a route with another id',
    { routes: [{ id: `${ID}1`, name: 'r', paths: ['/'], plugins: [{ name: 'key-auth' }] }] },
    {
      routes: [{ id: `${ID}2`, name: 'r', paths: ['/'] }],
      plugins: [{ name: 'key-auth', route: 'r' }],
    },
  ],
  [
    'credentials with random ids, in another order',
    { consumers: [{ username: 'c', keyauth_credentials: [{ key: 'a' }, { key: 'b' }] }] },
    { consumers: [{ username: 'c', keyauth_credentials: [{ key: 'b' }, { key: 'a' }] }] },
  ],
  ['an entity without a name', { routes: [{ paths: ['/'] }] }, { routes: [{ paths: ['/'] }] }],
] as const) {
  test(`no difference: ${name}`, () => {
    assert.deepEqual(diffEntities(rows(before), rows(after)), []);
  });
}

const services = (name: string) => ({ services: [{ id: `${ID}1`, name, host: 'h' }] });

test('the same id with another name is one entity that was renamed', () => {
  assert.match(
    shown(services('old'), services('new')),
    /^~ service new\n {4}name: "old" → "new"\n/,
  );
});

const consumers = (secret: string) => ({
  consumers: [
    {
      username: 'c',
      keyauth_credentials: [{ key: `key-${secret}` }],
      jwt_secrets: [{ key: 'issuer', secret: `jwt-${secret}` }],
      basicauth_credentials: [{ username: 'u', password: `pw-${secret}` }],
    },
  ],
});

test('no secret is shown, in no format', () => {
  const changes = diffEntities(rows(consumers('hush1')), rows(consumers('hush2')));
  assert.equal(changes.length, 4);
  for (const text of [renderDiff(changes, { color: true }), diffAsJson(changes)]) {
    assert.doesNotMatch(text, /hush/);
    assert.match(text, /\*{6}/);
  }
});

test('JSON has every change with its fields, and the counts', () => {
  const changes = diffEntities(
    rows({ services: [SERVICE] }),
    rows({ services: [{ ...SERVICE, port: 81 }] }),
  );
  assert.deepEqual(JSON.parse(diffAsJson(changes)), {
    changes: [
      {
        action: 'changed',
        kind: 'services',
        entity: 'service s',
        fields: [{ field: 'port', before: 80, after: 81 }],
      },
    ],
    added: 0,
    changed: 1,
    removed: 0,
  });
});
