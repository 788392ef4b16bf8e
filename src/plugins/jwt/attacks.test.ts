/** Known attacks on tokens, one test each, and random ones (RFC 8725). */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { JwtConfig } from '../../config/schema-types.ts';
import { FakeContext, fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { jwt } from './index.ts';
import {
  NOW,
  PAIRS,
  SECRET,
  bearer,
  entities,
  ed448,
  hs256,
  p256,
  p384,
  pemOf,
  rawToken,
  rsa,
  signature,
  signedToken,
  tokenOf,
} from './tokens.test.fixture.ts';

const build = fakeBuild(entities, () => NOW * 1000);
const CONFIG: JwtConfig = {
  uri_param_names: ['jwt'],
  cookie_names: ['session'],
  key_claim_name: 'iss',
  secret_is_base64: false,
  claims_to_verify: null,
  anonymous: null,
  run_on_preflight: true,
  maximum_expiration: 0,
  header_names: ['authorization'],
  realm: null,
};
const { access } = jwt.compile(CONFIG, build);

/** `undefined` when the token authenticates, else the message. */
async function refusalOf(token: string): Promise<string | undefined> {
  const ctx = new FakeContext(bearer(token));
  const response = await access?.(ctx);
  assert.equal(ctx.consumer === undefined, response !== undefined);
  if (response === undefined) return undefined;
  assert.ok(response.kind === 'exit');
  assert.equal(response.status, 401);
  const body: unknown = JSON.parse(String(response.body));
  return typeof body === 'object' && body !== null && 'message' in body
    ? String(body.message)
    : undefined;
}

for (const [algorithm, pair] of [...PAIRS, ['EdDSA', ed448] as const]) {
  const issuer = pair === ed448 ? 'ed448-key' : `${algorithm}-key`;
  const good = signedToken(algorithm, signature(algorithm, pair.privateKey), issuer);
  test(`${issuer}: a good token is accepted`, async () => {
    assert.equal(await refusalOf(good), undefined);
  });
  test(`${issuer}: changing any bit of the signature makes it invalid`, async () => {
    const [header = '', payload = '', third = ''] = good.split('.');
    const bytes = Buffer.from(third, 'base64url');
    for (let i = 0; i < bytes.length; i += 7) {
      const broken = Buffer.from(bytes);
      broken.writeUInt8(broken.readUInt8(i) ^ 1, i);
      const token = `${header}.${payload}.${broken.toString('base64url')}`;
      assert.equal(await refusalOf(token), 'Invalid signature');
    }
  });
  for (const length of [0, 1, 63, 65, 255, 257]) {
    test(`${issuer}: a signature of ${length} bytes is invalid`, async () => {
      const token = signedToken(algorithm, () => Buffer.alloc(length, 1), issuer);
      assert.equal(await refusalOf(token), 'Invalid signature');
    });
  }
  test(`${issuer}: HS256 keyed with the public key is refused`, async () => {
    const payload = JSON.stringify({ iss: issuer });
    const pem = pemOf(pair);
    const der = pair.publicKey.export({ type: 'spki', format: 'der' });
    const jwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }));
    for (const secret of [pem, pem.trim(), ` ${pem}`, der, jwk]) {
      const token = rawToken('{"alg":"HS256"}', payload, secret);
      assert.equal(await refusalOf(token), 'Invalid algorithm');
    }
  });
}

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const good = hs256({ iss: 'alice-key' });
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.');
const headed = (header: string): string => rawToken(header, '{"iss":"alice-key"}');
const claimed = (payload: string | Buffer): string => rawToken('{"alg":"HS256"}', payload);
const nested = (depth: number): string =>
  `{"iss":"alice-key","d":${'['.repeat(depth)}${']'.repeat(depth)}}`;

const JSON_FAULT = 'Bad token; invalid JSON';
const ALG_FAULT = 'Bad token; invalid alg';
const NO_ISS = "No mandatory 'iss' in claims";
const UNKNOWN = "No credentials found for given 'iss'";
const CASES: readonly (readonly [name: string, token: string, refusal: string | undefined])[] = [
  ['alg none', headed('{"alg":"none"}'), ALG_FAULT],
  ['alg None', headed('{"alg":"None"}'), ALG_FAULT],
  [
    'alg none without a signature',
    tokenOf('{"alg":"none"}', '{"iss":"alice-key"}', () => Buffer.alloc(0)),
    ALG_FAULT,
  ],
  ['alg of another case', headed('{"alg":"hs256"}'), ALG_FAULT],
  ['alg that is a list', headed('{"alg":["HS256"]}'), ALG_FAULT],
  ['alg inherited from the prototype', headed('{"__proto__":{"alg":"HS256"}}'), ALG_FAULT],
  ['another alg of the same family', headed('{"alg":"HS512"}'), 'Invalid algorithm'],
  [
    'an embedded key',
    headed('{"alg":"HS256","jwk":{"kty":"oct","k":"eA"},"jku":"http://127.0.0.1:1/"}'),
    undefined,
  ],
  ['an empty signature', `${goodHeader}.${goodPayload}.`, 'Invalid signature'],
  ['no signature', `${goodHeader}.${goodPayload}`, JSON_FAULT],
  ['an empty secret', rawToken('{"alg":"HS256"}', '{"iss":"alice-key"}', ''), 'Invalid signature'],
  [
    'a shortened HMAC',
    `${goodHeader}.${goodPayload}.${goodSignature.slice(0, 20)}`,
    'Invalid signature',
  ],
  ['a padded signature', `${good}=`, undefined],
  [
    'standard base64',
    `${goodHeader}.${goodPayload}.${goodSignature.slice(1)}+`,
    'Bad token; invalid signature',
  ],
  [
    'spaces in a part',
    `${goodHeader.slice(0, 4)} ${goodHeader.slice(4)}.${goodPayload}.${goodSignature}`,
    JSON_FAULT,
  ],
  ['an impossible length', `${goodHeader}.${goodPayload}.AAAAA`, 'Bad token; invalid signature'],
  ['ES256 with zeros', signedToken('ES256', () => Buffer.alloc(64)), 'Invalid signature'],
  [
    'ES256 with the group order',
    signedToken('ES256', () => Buffer.from(ORDER.repeat(2), 'hex')),
    'Invalid signature',
  ],
  [
    'ES256 in DER',
    signedToken('ES256', (input) => sign('sha256', input, p256.privateKey)),
    'Invalid signature',
  ],
  [
    'ES256 of a stranger',
    signedToken('ES256', signature('ES256', stranger.privateKey)),
    'Invalid signature',
  ],
  [
    'ES256 without a key',
    signedToken('ES256', signature('ES256', p256.privateKey), 'no-pem-key'),
    'Invalid key/secret',
  ],
  [
    'ES256 with a P-384 key',
    signedToken('ES256', signature('ES256', p384.privateKey), 'p384-as-ES256-key'),
    'Invalid signature',
  ],
  [
    'RS256 with an EC key',
    signedToken('RS256', signature('RS256', rsa.privateKey), 'ec-as-rsa-key'),
    'Invalid signature',
  ],
  [
    'PS256 over a PKCS1 signature',
    signedToken('PS256', signature('RS256', rsa.privateKey)),
    'Invalid signature',
  ],
  [
    'HS384',
    tokenOf('{"alg":"HS384"}', '{"iss":"HS384-key"}', (input) =>
      createHmac('sha384', SECRET).update(input).digest(),
    ),
    undefined,
  ],
  ['a header that is a number', headed('1'), JSON_FAULT],
  ['a header that is null', headed('null'), JSON_FAULT],
  ['a payload that is a number', claimed('5'), JSON_FAULT],
  ['a payload that is true', claimed('true'), JSON_FAULT],
  ['a payload that is null', claimed('null'), JSON_FAULT],
  ['a payload that is false', claimed('false'), 'Bad token; invalid claims'],
  ['a payload that is a list', claimed('["alice-key"]'), NO_ISS],
  ['a payload that is a string', claimed('"alice-key"'), NO_ISS],
  ['iss that is null', claimed('{"iss":null}'), NO_ISS],
  ['iss that is a number', claimed('{"iss":1}'), UNKNOWN],
  ['iss that is a list', claimed('{"iss":["alice-key"]}'), UNKNOWN],
  ['iss that is an object', claimed('{"iss":{"k":"alice-key"}}'), UNKNOWN],
  ['iss named like a method', claimed('{"iss":"constructor"}'), UNKNOWN],
  ['iss inherited from the prototype', claimed('{"__proto__":{"iss":"alice-key"}}'), NO_ISS],
  ['the last of two iss counts, bad', claimed('{"iss":"alice-key","iss":"stranger"}'), UNKNOWN],
  ['the last of two iss counts, good', claimed('{"iss":"stranger","iss":"alice-key"}'), undefined],
  ['an iss of 100 KB', claimed(JSON.stringify({ iss: 'k'.repeat(100_000) })), UNKNOWN],
  ['nested deep', claimed(nested(500)), undefined],
  ['nested too deep', claimed(nested(1100)), JSON_FAULT],
  ['nested a million deep', claimed('['.repeat(1_000_000)), JSON_FAULT],
  ['a byte order mark', claimed('\ufeff{"iss":"alice-key"}'), JSON_FAULT],
  [
    'bytes that are no UTF-8',
    claimed(Buffer.from('{"iss":"alice-key","x":"\xff"}', 'latin1')),
    JSON_FAULT,
  ],
];

for (const [name, token, refusal] of CASES) {
  test(`${name}: ${refusal ?? 'accepted'}`, async () => {
    assert.equal(await refusalOf(token), refusal);
  });
}

test('a signature with unused bits set is refused', async () => {
  const last = goodSignature.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const sibling = alphabet[alphabet.indexOf(last) + 1] ?? '';
  const token = `${good.slice(0, -1)}${sibling}`;
  assert.deepEqual(
    Buffer.from(token.split('.')[2] ?? '', 'base64url'),
    Buffer.from(goodSignature, 'base64url'),
  );
  assert.equal(await refusalOf(token), 'Invalid signature');
});

test('names of the prototype are no key claims', async () => {
  for (const name of ['constructor', 'toString', '__proto__', 'length', '0']) {
    const phases = jwt.compile({ ...CONFIG, key_claim_name: name }, build);
    for (const payload of ['{}', '[]', '"x"', '["alice-key"]']) {
      const ctx = new FakeContext(bearer(claimed(payload)));
      const response = await phases.access?.(ctx);
      assert.ok(response?.kind === 'exit');
      assert.match(String(response.body), /^\{"message":"No mandatory/);
    }
  }
});

test('random text never throws and never authenticates', async () => {
  const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'binary' }));
  const parts = fc
    .tuple(text, text, text)
    .map((three) => three.map((s) => Buffer.from(s).toString('base64url')).join('.'));
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, parts), async (token) => {
      const ctx = new FakeContext(bearer(token));
      assert.equal((await access?.(ctx))?.status, 401);
      assert.equal(ctx.consumer, undefined);
    }),
    { numRuns: 500 },
  );
});

test('a token with one character changed never throws and never authenticates', async () => {
  const victims = [good, signedToken('ES256', signature('ES256', p256.privateKey))];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...victims),
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 1 }),
      async (victim, at, character) => {
        const index = at % victim.length;
        const mutant = victim.slice(0, index) + character + victim.slice(index + 1);
        fc.pre(mutant !== victim);
        const ctx = new FakeContext(bearer(mutant));
        assert.equal((await access?.(ctx))?.status, 401);
      },
    ),
    { numRuns: 1000 },
  );
});
