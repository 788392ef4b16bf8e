/** What the log says about a reload. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../config/types.ts';
import { diffConfigs } from './config-diff.ts';
import { createLoader } from './documents.ts';

const load = createLoader({ plugins: [] });
const loaded = (entities: object): Config =>
  load({ kind: 'object', value: { _format_version: '3.0', ...entities } }).config;

const service = (name: string, more: object = {}) => ({ name, host: 'a.test', ...more });
const consumer = (keys: readonly string[]) => ({
  username: 'c',
  keyauth_credentials: keys.map((key) => ({ key })),
});

test('the same document again is no change, whatever ids and times its entities got', () => {
  const document = { services: [service('s')], consumers: [consumer(['k1', 'k2'])] };
  assert.deepEqual(diffConfigs(loaded(document), loaded(document)), {
    added: {},
    changed: {},
    removed: {},
  });
});

test('added, changed and removed entities are named', () => {
  const before = loaded({ services: [service('a'), service('b')] });
  const after = loaded({ services: [service('b', { port: 81 }), service('c')] });
  assert.deepEqual(diffConfigs(before, after), {
    added: { services: ['c'] },
    changed: { services: ['b'] },
    removed: { services: ['a'] },
  });
});

test('a credential is named by its id, never by its key', () => {
  const before = loaded({ consumers: [consumer(['k1', 'k2'])] });
  const after = loaded({ consumers: [consumer(['k1', 'secret'])] });
  const { added, removed } = diffConfigs(before, after);
  assert.equal(added['keyauth_credentials']?.length, 1);
  assert.equal(removed['keyauth_credentials']?.length, 1);
  assert.doesNotMatch(JSON.stringify({ added, removed }), /secret|k1|k2/);
});

test('of many only the first are named', () => {
  const many = Array.from({ length: 25 }, (_, index) => service(`s${index}`));
  const { added } = diffConfigs(loaded({}), loaded({ services: many }));
  assert.equal(added['services']?.length, 21);
  assert.equal(added['services'].at(-1), 'and 5 more');
});
