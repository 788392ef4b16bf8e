/** Audit lines: what they hold of a change, and that no secret is in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUNDLED_SCHEMAS } from '../config/schemas.ts';
import { createAuditTrail, type AuditTrail } from './audit.ts';

const WHO = { address: '10.0.0.7', token: 'ci', certificate: undefined };
const CREATE = { method: 'POST', before: undefined } as const;
const ID = '44000000-0000-4000-8000-000000000001';

function record(tell: (trail: AuditTrail) => void): readonly unknown[] {
  const lines: unknown[] = [];
  tell(
    createAuditTrail(
      (line) => lines.push(JSON.parse(line)),
      () => BUNDLED_SCHEMAS,
    ),
  );
  return lines;
}

test('a change has who, what, before and after; the time is a moment', () => {
  const before = { id: ID, name: 'pay', port: 80, url: null };
  const after = { ...before, port: 8080 };
  const entity = { kind: 'services', id: ID } as const;
  const [line] = record((trail) =>
    trail.changed({ who: WHO, method: 'PATCH', path: '/services/pay', entity, before, after }),
  );
  assert.ok(typeof line === 'object' && line !== null && 'time' in line);
  const { time, ...rest } = line;
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    event: 'change',
    address: '10.0.0.7',
    token: 'ci',
    certificate: null,
    method: 'PATCH',
    path: '/services/pay',
    entity: { kind: 'services', id: ID },
    before,
    after,
  });
});

const SECRETS = [
  ['jwt_secrets', { key: 'S3CRET', secret: 'S3CRET', rsa_public_key: null, algorithm: 'HS256' }],
  ['keyauth_credentials', { key: 'S3CRET', tags: ['a'] }],
  ['basicauth_credentials', { username: 'ann', password: 'S3CRET' }],
  ['hmacauth_credentials', { username: 'ann', secret: 'S3CRET' }],
  ['certificates', { cert: 'public', key: 'S3CRET', key_alt: 'S3CRET', cert_alt: null }],
  ['keys', { name: 'k', kid: 'k', jwk: '{"d":"S3CRET"}', pem: { private_key: 'S3CRET' } }],
  ['plugins', { name: 'rate-limiting', config: { redis: { host: 'r', password: 'S3CRET' } } }],
  ['plugins', { name: 'http-log', config: { headers: { authorization: 'S3CRET' } } }],
  ['plugins', { name: 'jwt-signer', config: { access_token_jwks_uri_client_password: 'S3CRET' } }],
  ['plugins', { name: 'http-log', config: { http_endpoint: 'https://ann:S3CRET@logs.test' } }],
  ['plugins', { name: 'redirect', config: { location: 'https://ann:S3CRET@a.test/x' } }],
  ['services', { name: 'pay', host: 'a', path: '/eyJhbGciOiJub25lIn0.e30.S3CRET' }],
] as const;

for (const [kind, after] of SECRETS) {
  test(`no secret of ${kind}: ${Object.keys(after).join(', ')}`, () => {
    const entity = { kind, id: ID };
    const lines = record((trail) =>
      trail.changed({ ...CREATE, who: WHO, path: '/x', entity, after: { id: ID, ...after } }),
    );
    const text = JSON.stringify(lines);
    assert.doesNotMatch(text, /S3CRET/);
    assert.match(text, /\*\*\*/);
    for (const word of ['ann', 'HS256', 'pay', 'http-log']) {
      // Userinfo goes as a whole.
      if (JSON.stringify(after).includes(`"${word}"`)) assert.ok(text.includes(word), word);
    }
  });
}

test('a request whose change was told is not told again, another one of the same client is', () => {
  const entity = { kind: 'consumers', id: ID } as const;
  const who = { ...WHO };
  const answer = { method: 'POST', target: '/consumers?x=S3CRET', status: 201 };
  const lines = record((trail) => {
    trail.changed({ ...CREATE, who, path: '/consumers', entity, after: { id: ID } });
    trail.answered({ ...answer, who });
    trail.answered({ ...answer, who: { ...WHO } });
  });
  assert.equal(lines.length, 2);
  assert.match(JSON.stringify(lines[1]), /"event":"request".*"path":"\/consumers","status":201/);
  assert.doesNotMatch(JSON.stringify(lines), /S3CRET/);
});

test('keys in a path are masked, and an enormous entity is left out', () => {
  const entity = { kind: 'keyauth_credentials', id: ID } as const;
  const after = { id: ID, tags: Array.from({ length: 20_000 }, (_, n) => `tag-${n}`) };
  const path = '/consumers/ann/key-auth/S3CRET';
  const [line] = record((trail) =>
    trail.changed({ who: WHO, method: 'PUT', path, entity, before: undefined, after }),
  );
  const text = JSON.stringify(line);
  assert.match(text, /"path":"\/consumers\/ann\/key-auth\/\*\*\*".*"left_out":"\d{6} characters"/);
  assert.ok(text.length < 1000);
});
