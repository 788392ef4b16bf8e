/** Which texts are tokens, the known attacks on verification, and a generated suite of damaged tokens. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ALGORITHMS, type Algorithm } from './algorithms.ts';
import { parseClaims, parseCompact } from './compact.ts';
import { findSigner, readJwkSet, type VerificationKey } from './jwk-set.ts';
import { testKey, tokenBy, type TestKey } from './keys.test.fixture.ts';
import { createSignatureMaker, signCompact } from './sign.ts';

const b64 = (text: string | Buffer): string => Buffer.from(text).toString('base64url');

function keysOf(...jwks: readonly object[]): readonly VerificationKey[] {
  const set = readJwkSet({ keys: jwks });
  if ('fault' in set) throw new Error(set.fault);
  return set.keys;
}

/** True when the text is a token of one of the keys with claims. */
function accepts(text: string, keys: readonly VerificationKey[]): boolean {
  const { jws } = parseCompact(text);
  return jws !== undefined && findSigner(keys, jws) !== undefined && parseClaims(jws) !== undefined;
}

const RS = testKey('RS256');
const rsKeys = keysOf(RS.publicJwk);
/** Signed rightly by the key of `rsKeys`, whatever header and payload are. */
const signed = (header: object, claims: object, key: TestKey = RS): Promise<string> =>
  signCompact(header, claims, createSignatureMaker(key.algorithm, key.privateKey));
const signedText = async (header: string, payload: string): Promise<string> => {
  const input = `${b64(header)}.${b64(payload)}`;
  const signature = await createSignatureMaker('RS256', RS.privateKey)(input);
  return `${input}.${signature}`;
};

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: a token of the key verifies, one of another key does not`, async () => {
    const key = testKey(algorithm);
    const keys = keysOf(key.publicJwk);
    const token = await tokenBy(key);
    assert.ok(accepts(token, keys));
    const [head = '', , signature = ''] = token.split('.');
    assert.equal(accepts(`${head}.${b64('{"sub":"mallory"}')}.${signature}`, keys), false);
    const other = testKey(algorithm === 'RS256' ? 'ES256' : 'RS256', key.kid);
    assert.equal(accepts(token, keysOf(other.publicJwk)), false);
  });
}

test('attack: alg none in any case, with and without a signature', () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
    const input = `${b64(JSON.stringify({ alg, kid: RS.kid }))}.${b64('{"sub":"a"}')}`;
    for (const end of ['', 'AA', b64(Buffer.alloc(256))]) {
      assert.equal(accepts(`${input}.${end}`, rsKeys), false, `${alg} ${end.length}`);
    }
  }
});

test('attack: an RSA public key as HMAC secret, in every form it can be had', () => {
  const key = createPublicKey({ key: { ...RS.publicJwk }, format: 'jwk' });
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  const secrets = [
    pem,
    pem.trim(),
    ` ${pem}`,
    key.export({ type: 'pkcs1', format: 'pem' }).toString(),
    key.export({ type: 'spki', format: 'der' }),
    JSON.stringify(RS.publicJwk),
    String(RS.publicJwk['n']),
  ];
  for (const alg of ['HS256', 'HS384', 'HS512']) {
    for (const secret of secrets) {
      const input = `${b64(JSON.stringify({ alg, kid: RS.kid }))}.${b64('{"sub":"a"}')}`;
      const mac = createHmac(`sha${alg.slice(2)}`, secret)
        .update(input)
        .digest();
      assert.equal(accepts(`${input}.${b64(mac)}`, rsKeys), false);
    }
  }
});

test('attack: a key that the token brings itself (jwk, jku, x5c, x5u)', async () => {
  const evil = testKey('ES256', RS.kid);
  const brought = [
    { jwk: evil.publicJwk },
    { jku: 'http://127.0.0.1:9/jwks' },
    { x5u: 'http://127.0.0.1:9/cert' },
    { x5c: ['AAAA'] },
  ];
  for (const members of brought) {
    const token = await signed({ alg: 'ES256', kid: evil.kid, ...members }, { sub: 'a' }, evil);
    assert.equal(accepts(token, rsKeys), false);
  }
});

test('attack: a kid that is a path, a query, no string, or too long', async () => {
  const keys = keysOf({ ...RS.publicJwk, kid: '../../dev/null' }, testKey('HS256').publicJwk);
  const odd: unknown[] = ["x' OR 1=1 --", '/dev/null', '__proto__', 'constructor', 'a'.repeat(257)];
  for (const kid of [...odd, '', 0, null, ['a'], {}, true]) {
    assert.equal(accepts(await signed({ alg: 'RS256', kid }, { sub: 'a' }), keys), false);
  }
  assert.ok(accepts(await signed({ alg: 'RS256', kid: '../../dev/null' }, { sub: 'a' }), keys));
});

test('attack: psychic signatures, r or s beyond the order, DER instead of raw, wrong lengths', async () => {
  for (const algorithm of ['ES256', 'ES384', 'ES512'] as const) {
    const key = testKey(algorithm);
    const keys = keysOf(key.publicJwk);
    const token = await tokenBy(key);
    const input = token.slice(0, token.lastIndexOf('.'));
    const bytes = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
    const half = bytes.length / 2;
    const forged = [
      Buffer.alloc(bytes.length),
      Buffer.alloc(bytes.length, 0xff),
      Buffer.concat([Buffer.alloc(half), bytes.subarray(half)]),
      Buffer.concat([bytes.subarray(0, half), Buffer.alloc(half)]),
      bytes.subarray(1),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(1), bytes]),
      Buffer.concat([
        Buffer.from([0x30, bytes.length + 4, 2, half]),
        bytes.subarray(0, half),
        Buffer.from([2, half]),
        bytes.subarray(half),
      ]),
      Buffer.alloc(0),
    ];
    for (const signature of forged)
      assert.equal(accepts(`${input}.${b64(signature)}`, keys), false);
  }
});

test('attack: the curve or hash of another algorithm', async () => {
  const p384 = testKey('ES384', 'k');
  assert.equal(
    accepts(await signed({ alg: 'ES256', kid: 'k' }, {}, p384), keysOf(p384.publicJwk)),
    false,
  );
  const rs = await signed({ alg: 'RS512', kid: RS.kid }, {}, { ...RS, algorithm: 'RS512' });
  assert.equal(accepts(rs, rsKeys), false, 'the alg of the key decides');
  const { alg: _, ...any } = RS.publicJwk;
  assert.ok(accepts(rs, keysOf(any)), 'a key without alg serves all of its type');
  const ps = await signed({ alg: 'RS256', kid: RS.kid }, {}, { ...RS, algorithm: 'PS256' });
  assert.equal(accepts(ps, keysOf(any)), false, 'PSS under the name of PKCS #1');
});

test('attack: a PSS salt that is not as long as the hash', async () => {
  const { sign, constants } = await import('node:crypto');
  const key = testKey('PS256');
  const input = `${b64(JSON.stringify({ alg: 'PS256', kid: key.kid }))}.${b64('{"sub":"a"}')}`;
  for (const [saltLength, isGood] of [
    [0, false],
    [20, false],
    [32, true],
  ] as const) {
    const signature = sign('sha256', Buffer.from(input), {
      key: key.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength,
    });
    assert.equal(accepts(`${input}.${b64(signature)}`, keysOf(key.publicJwk)), isGood);
  }
});

test('attack: extensions, compression, nesting, encryption, JSON serialisation', async () => {
  const header = { alg: 'RS256', kid: RS.kid };
  const bad: object[] = [
    { ...header, crit: ['exp'], exp: 1 },
    { ...header, crit: [] },
    { ...header, b64: false, crit: ['b64'] },
    { ...header, b64: false },
    { ...header, zip: 'DEF' },
    { ...header, enc: 'A256GCM' },
    { ...header, cty: 'JWT' },
    { ...header, cty: 'jwt' },
  ];
  for (const one of bad) assert.equal(accepts(await signed(one, { sub: 'a' }), rsKeys), false);
  const token = await signed(header, { sub: 'a' });
  assert.ok(accepts(token, rsKeys));
  const [protectedHeader, payload, signature] = token.split('.');
  const flat = JSON.stringify({ protected: protectedHeader, payload, signature });
  for (const text of [flat, `${token}.AAAA`, `${token}.AAAA.AAAA`, `${token}.`, `.${token}`]) {
    assert.equal(accepts(text, rsKeys), false);
  }
});

test('attack: oversized p2c, and a JWE where a JWS is expected', async () => {
  const p2c = 2_000_000_000;
  const jwe = { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2s: 'AAAAAAAAAAA', p2c };
  const head = b64(JSON.stringify(jwe));
  const started = performance.now();
  for (const parts of [3, 5]) {
    const token = [head, ...Array.from({ length: parts - 1 }, () => 'AAAA')].join('.');
    assert.ok(parseCompact(token).fault, `${parts} parts`);
  }
  const header = { alg: 'RS256', kid: RS.kid };
  for (const alg of ['RSA-OAEP', 'dir', 'ECDH-ES', 'A128GCMKW']) {
    assert.equal(accepts(await signed({ ...header, alg, p2c }, { sub: 'a' }), rsKeys), false, alg);
  }
  assert.equal(accepts(await signed({ ...header, enc: 'A128GCM', p2c }, {}), rsKeys), false);
  // Without `enc` it is a JWS with a member of no meaning: nothing is derived with it.
  assert.ok(accepts(await signed({ ...header, p2c }, {}), rsKeys));
  assert.ok(performance.now() - started < 1000, 'no key was derived');
});

test('attack: a member twice, in the header or the payload, also spelled differently', async () => {
  const kid = `"kid":"${RS.kid}"`;
  assert.ok(
    accepts(await signedText(`{"alg":"RS256",${kid}}`, '{"sub":"a","x":{"sub":"b"}}'), rsKeys),
  );
  const twice: [string, string][] = [
    [`{"alg":"RS256","alg":"RS256",${kid}}`, '{}'],
    [`{"alg":"RS256","\\u0061lg":"none",${kid}}`, '{}'],
    [`{"alg":"RS256",${kid}}`, '{"sub":"a","sub":"b"}'],
    [`{"alg":"RS256",${kid}}`, '{"sub":"a","s\\u0075b":"b"}'],
    [`{"alg":"RS256",${kid}}`, '{"a":[{"b":1, "b" :2}]}'],
    [`{"alg":"RS256",${kid}}`, '{"__proto__":1,"__proto__":2}'],
  ];
  for (const [header, payload] of twice) {
    assert.equal(accepts(await signedText(header, payload), rsKeys), false, payload);
  }
});

test('attack: a payload that is no plain object, or nests without end', async () => {
  const header = `{"alg":"RS256","kid":"${RS.kid}"}`;
  const deep = `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`;
  for (const payload of [
    '[]',
    '["sub"]',
    '"sub"',
    '1',
    'null',
    'true',
    '',
    '{',
    deep,
    '[{"sub":"a"}]',
    '\u{feff}{}',
  ]) {
    assert.equal(accepts(await signedText(header, payload), rsKeys), false, payload);
  }
});

test('attack: text around or inside a token (spaces, padding, other alphabets, unused bits)', async () => {
  const token = await tokenBy(RS);
  const parts = token.split('.');
  const damaged = [' ', '\n', '\t', '=', '==', '+', '/', '\0', 'é', '%20', '"'].flatMap(
    (insert) => [
      `${insert}${token}`,
      `${token}${insert}`,
      ...parts.map((_, at) =>
        parts.map((part, i) => (i === at ? `${part}${insert}` : part)).join('.'),
      ),
      ...parts.map((_, at) =>
        parts
          .map((part, i) => (i === at ? `${part.slice(0, 4)}${insert}${part.slice(4)}` : part))
          .join('.'),
      ),
    ],
  );
  for (const text of damaged)
    assert.equal(accepts(text, rsKeys), false, JSON.stringify(text.slice(-4)));
  // 256 bytes leave two characters with four unused bits: the last one has fifteen other spellings.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const others = alphabet.split('').filter((character) => character !== token.at(-1));
  for (const character of others)
    assert.equal(accepts(`${token.slice(0, -1)}${character}`, rsKeys), false);
});

test('generated: every token with one bit of its signature, header or payload changed is refused', async () => {
  const some: readonly Algorithm[] = ALGORITHMS;
  for (const algorithm of some) {
    const key = testKey(algorithm);
    const keys = keysOf(key.publicJwk);
    const token = await tokenBy(key);
    const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'));
    parts.forEach((part, at) => {
      // Every byte of the signature once, each time another bit.
      for (let i = 0; i < part.length; i++) {
        const changed = Buffer.from(part);
        changed.writeUInt8((part[i] ?? 0) ^ (1 << (i % 8)), i);
        const text = parts.map((bytes, j) => b64(j === at ? changed : bytes)).join('.');
        assert.equal(accepts(text, keys), false, `${algorithm} part ${at} byte ${i}`);
      }
    });
  }
});

test('generated: truncated and prolonged tokens are refused', async () => {
  for (const algorithm of ['HS256', 'RS256', 'ES256', 'EdDSA'] as const) {
    const key = testKey(algorithm);
    const keys = keysOf(key.publicJwk);
    const token = await tokenBy(key);
    for (let length = 0; length < token.length; length++) {
      assert.equal(accepts(token.slice(0, length), keys), false, `${algorithm} ${length}`);
    }
    assert.equal(accepts(`${token}A`, keys), false);
    assert.equal(accepts(`${token}AAAA`, keys), false);
  }
});

test('generated: no text makes parsing throw', () => {
  const jsonText = fc.oneof(fc.json(), fc.string());
  const piece = fc.oneof(jsonText.map(b64), fc.string(), fc.base64String());
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      const { jws } = parseCompact(pieces.join('.'));
      if (jws !== undefined) {
        parseClaims(jws);
        findSigner(rsKeys, jws);
      }
    }),
    { numRuns: 2000 },
  );
});
