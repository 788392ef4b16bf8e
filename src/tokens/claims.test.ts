/** Paths, audiences and scopes in claims. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimAt, compileScopes, isOneOf } from './claims.ts';

test('a path leads through objects only', () => {
  const claims = { a: { b: { c: 1 } }, list: [{ x: 1 }], n: null, s: 'text' };
  assert.equal(claimAt(claims, ['a', 'b', 'c']), 1);
  assert.equal(claimAt(claims, ['n']), null);
  const nowhere = [
    ['x'],
    ['a', 'x'],
    ['list', '0'],
    ['s', 'length'],
    ['n', 'x'],
    [],
    ['__proto__'],
    ['constructor'],
  ];
  for (const path of nowhere) assert.equal(claimAt(claims, path), undefined, path.join('.'));
});

test('an audience is one of the allowed ones, alone or in a list', () => {
  const allowed = new Set(['api', 'x']);
  for (const claim of ['api', ['z', 'api']]) assert.ok(isOneOf(claim, allowed));
  for (const claim of ['apis', 'API', ['z'], [], undefined, null, 1, { api: 1 }, [['api']]]) {
    assert.ok(!isOneOf(claim, allowed), JSON.stringify(claim));
  }
});

const scopes: readonly (readonly [required: readonly string[], claim: unknown, met: boolean])[] = [
  [['read'], 'read write', true],
  [['admin'], 'read write', false],
  [['read write'], 'read write', true],
  [['read admin'], 'read write', false],
  [['admin', 'write'], 'read write', true],
  [['READ'], 'read write', false],
  [['read'], undefined, false],
  [['read'], null, false],
  [['read write'], ['read', 'write'], true],
  [['read write'], ['read write'], true],
  [['Order Admin'], ['Order Admin'], true],
  [['read write'], 'write\t read\n', true],
  [['a'], ['x a b'], true],
  [['coffee'], 'coffee', true],
  [['7'], 7, true],
  [['true'], true, true],
  [['a'], { a: true }, false],
  [['a'], [['a']], false],
  [[''], '', false],
  [['undefined'], undefined, false],
];

for (const [required, claim, met] of scopes) {
  test(`required ${JSON.stringify(required)}, granted ${JSON.stringify(claim)}: ${met ? 'met' : 'not met'}`, () => {
    assert.equal(compileScopes(required)(claim), met);
  });
}
