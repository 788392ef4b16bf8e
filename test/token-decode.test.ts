/** `silverback token decode`: what a token says, without believing it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { part, run } from './support/token-cli.ts';

test('decode: header, claims and times, and nothing is believed', async (t) => {
  const token = `${part({ alg: 'RS256', kid: 'k1' })}.${part({ sub: 'u1', exp: 1_000_000_000 })}.c2ln`;
  const { code, text } = await run(t, 'decode', `Bearer ${token}`);
  assert.equal(code, 0, text);
  assert.match(text, /"kid": "k1"/);
  assert.match(text, /"sub": "u1"/);
  assert.match(text, /exp +expires 2001-09-09T01:46:40.000Z, \d+ days ago/);
  assert.match(text, /The signature was not verified/);
});

test('decode: what is no JWT is named', async (t) => {
  for (const [token, message] of [
    ['opaque', /a JWT has three parts .* this text of 6 characters has 1/],
    ['a.b.c.d.e', /an encrypted token \(JWE\)/],
    ['a.b.c', /not base64url text of JSON/],
  ] as const) {
    const { code, text } = await run(t, 'decode', token);
    assert.equal(code, 1);
    assert.match(text, message);
  }
});
