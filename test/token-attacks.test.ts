/**
 * Known attacks on tokens, one test for each class, through every door that takes tokens: credentials
 * and issuers of `jwt`, and `jwt-signer` with and without HMAC. What a class means beyond that stands in
 * the tests beside the code (`src/tokens/compact.test.ts`, `src/plugins/jwt/attacks.test.ts`); timing is in
 * `secret-comparisons.test.ts`.
 */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createVerifier } from '../src/tokens/verify.ts';
import { importJwk, isFault } from '../src/tokens/jwk.ts';
import { SET_BYTES_MAX, SET_KEYS_MAX, parseJwkSet } from '../src/tokens/jwk-set.ts';
import { freshKey, setOf, testKey, tokenBy } from '../src/tokens/keys.test.fixture.ts';
import {
  ATTACKER,
  b64,
  CLAIMS,
  CREDENTIAL,
  doors,
  ES,
  HS,
  ISSUER,
  OTHER,
  OTHER_ISSUER,
  raw,
  RS,
  SIGNER_HS,
  type Door,
} from './support/token-doors.ts';
import { startOrigin } from './support/origin.ts';
import { startSigner } from './support/signer.ts';
import { loadConfig } from './support/spawn-gateway.ts';
import { ask, issuersAt, key, rig, claims as issued } from './support/jwt-issuers.ts';
import { bearer } from '../src/plugins/jwt/tokens.test.fixture.ts';

/** Of RFC 7515 on, not of Kong's credentials, which follow Kong. */
const STRICT = doors.filter((door) => door !== CREDENTIAL);

async function refused(
  token: string | Promise<string>,
  at: readonly Door[] = doors,
): Promise<void> {
  const text = await token;
  for (const door of at) {
    // oxlint-disable-next-line no-await-in-loop -- one door after the other
    const verdict = await door.ask(text);
    assert.equal(verdict, 401, `${door.name}: ${text.slice(0, 120)}`);
  }
}

async function accepted(
  token: string | Promise<string>,
  at: readonly Door[] = doors,
): Promise<void> {
  const text = await token;
  for (const door of at) {
    // oxlint-disable-next-line no-await-in-loop -- one door after the other
    assert.equal(await door.ask(text), 'passed', door.name);
  }
}

const signatureOf = (token: string): Buffer =>
  Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
const inputOf = (token: string): string => token.slice(0, token.lastIndexOf('.'));
const withSignature = (token: string, bytes: Buffer): string => `${inputOf(token)}.${b64(bytes)}`;

test('the doors take good tokens, of each of their keys', async () => {
  await accepted(tokenBy(RS, CLAIMS));
  await accepted(tokenBy(ES, CLAIMS));
  await accepted(tokenBy(HS, CLAIMS), [CREDENTIAL, SIGNER_HS]);
});

test('attack class: alg none in any case, empty signature', async () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, ['none']]) {
    for (const signature of ['', 'AA', b64(Buffer.alloc(256))]) {
      await refused(`${raw({ alg, kid: RS.kid }, CLAIMS)}.${signature}`);
    }
  }
  const good = await tokenBy(RS, CLAIMS);
  for (const cut of [`${inputOf(good)}.`, inputOf(good)]) await refused(cut);
});

test('attack class: RS/HS confusion with PEM, DER or JWK text as the HMAC key', async () => {
  for (const victim of [RS, ES]) {
    const publicKey = crypto.createPublicKey(victim.privateKey);
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const secrets = [
      pem,
      pem.trim(),
      ` \n${pem}`,
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(victim.publicJwk),
      String(victim.publicJwk['n'] ?? victim.publicJwk['x']),
    ];
    for (const secret of secrets) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const input = raw({ alg, kid: victim.kid }, CLAIMS);
        const mac = crypto
          .createHmac(`sha${alg.slice(2)}`, secret)
          .update(input)
          .digest();
        await refused(`${input}.${b64(mac)}`);
      }
    }
  }
});

test('attack class: psychic signature, r or s beyond the order, wrong length, DER in place of raw', async () => {
  const good = await tokenBy(ES, CLAIMS);
  const bytes = signatureOf(good);
  const order = Buffer.from(
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    'hex',
  );
  const der = crypto.sign('sha256', Buffer.from(inputOf(good)), ES.privateKey);
  for (const forged of [
    Buffer.alloc(64),
    Buffer.concat([order, order]),
    Buffer.concat([bytes.subarray(0, 32), order]),
    Buffer.alloc(64, 0xff),
    bytes.subarray(0, 63),
    Buffer.concat([bytes, Buffer.alloc(1)]),
    der,
  ]) {
    await refused(withSignature(good, forged));
  }
});

test('attack class: embedded jwk and x5c, jku and x5u that lead to the attacker', async (t) => {
  const lure = await startOrigin(t, (_req, res) => void res.end(setOf(ATTACKER)));
  for (const [name, value] of [
    ['jwk', ATTACKER.publicJwk],
    ['jku', `${lure.url}/keys`],
    ['x5u', `${lure.url}/certificate`],
    ['x5c', ['MIIB']],
  ] as const) {
    await refused(tokenBy({ ...ATTACKER, kid: RS.kid }, CLAIMS, { [name]: value }));
    await refused(tokenBy(ATTACKER, CLAIMS, { [name]: value }));
  }
  assert.equal(lure.seen.length, 0, 'nobody asked the attacker');
});

test('attack class: kid that is a path, a query, oversized or no string', async () => {
  const odd = [
    '../../../../dev/null',
    "' OR '1'='1",
    '\0',
    'k'.repeat(300),
    '__proto__',
    'constructor',
  ];
  for (const kid of odd) await refused(tokenBy({ ...ATTACKER, kid }, CLAIMS));
  for (const kid of [7, null, {}, [RS.kid], true, '']) {
    await refused(tokenBy(RS, CLAIMS, { kid }));
  }
});

test('attack class: kid flood, which asks the provider for its keys at most once more', async (t) => {
  const made = await rig(t);
  const phases = made.compile({ issuers: issuersAt(made) });
  const good = bearer(await tokenBy(key, issued));
  assert.equal((await ask(phases, good)).status, 'passed');
  const stranger = freshKey('stranger');
  const tokens = await Promise.all(
    Array.from({ length: 200 }, (_, i) => tokenBy({ ...stranger, kid: `random-${i}` }, issued)),
  );
  const answers = await Promise.all(tokens.map((token) => ask(phases, bearer(token))));
  assert.ok(answers.every(({ status }) => status === 401));
  assert.equal(made.provider.seen.length, 2);
  assert.equal((await ask(phases, good)).status, 'passed');
});

test('attack class: unknown crit, b64 false, zip, nested JWT, JWE, JSON serialisation', async () => {
  for (const header of [
    { crit: ['exp'], exp: 1 },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { zip: 'DEF' },
    { cty: 'JWT' },
    { enc: 'A256GCM' },
  ]) {
    await refused(tokenBy(RS, CLAIMS, header), STRICT);
  }
  const [head = '', payload = '', signature = ''] = (await tokenBy(RS, CLAIMS)).split('.');
  await refused(JSON.stringify({ protected: head, payload, signature }));
  await refused(`${head}.${payload}.${signature}.${signature}.${signature}`);
  await refused(`${raw({ alg: 'RSA-OAEP', enc: 'A256GCM', kid: RS.kid }, {})}.${signature}`);
});

const ones = (length: number): string => b64(Buffer.alloc(length, 0xff));

test('attack class: PBES2 with billions of rounds, RSA of huge exponent or modulus, invalid curve', async () => {
  const jwe = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2_000_000_000, p2s: 'AAAA' };
  await refused(`${raw(jwe, {})}.AAAA`);
  await refused(`${b64(JSON.stringify(jwe))}.AAAA.AAAA.AAAA.AAAA`);
  const rsa = testKey('RS256').publicJwk;
  const ec = testKey('ES256').publicJwk;
  for (const [jwk, reason] of [
    [{ ...rsa, e: ones(5) }, /exponent/],
    [{ ...rsa, e: b64(Buffer.from([1])) }, /exponent/],
    [{ ...rsa, n: ones(1025) }, /more than 8192 bits/],
    [{ ...rsa, n: ones(128) }, /less than 2048 bits/],
    [{ ...ec, x: b64(Buffer.alloc(32, 1)) }, /numbers of the key are not valid/],
  ] as const) {
    const outcome = importJwk(jwk, 'verify');
    assert.match(isFault(outcome) ? outcome.reason : 'taken', reason);
  }
  const many = Array.from({ length: SET_KEYS_MAX + 1 }, (_, i) => ({ ...ec, kid: `${i}` }));
  assert.ok('fault' in parseJwkSet(Buffer.from(JSON.stringify({ keys: many }))));
  assert.ok('fault' in parseJwkSet(Buffer.alloc(SET_BYTES_MAX + 1, ' ')));
});

test('attack class: the largest key that is taken verifies within 5 ms', () => {
  const { n: _, ...rsa } = testKey('RS256').publicJwk;
  const modulus = crypto.randomBytes(1024);
  modulus[0] = 0xff;
  modulus[1023] = 0xff;
  const outcome = importJwk({ ...rsa, n: b64(modulus), e: b64(Buffer.alloc(4, 0xff)) }, 'verify');
  assert.ok(!isFault(outcome));
  const verify = createVerifier('RS256', outcome.key);
  const before = process.cpuUsage();
  for (let i = 0; i < 20; i++) assert.equal(verify('input', Buffer.alloc(1024, 1)), false);
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 20 < 5000, `${(user + system) / 20} µs`);
});

const payloads: readonly string[] = [
  '[{"iss":"idp"}]',
  '"idp"',
  'null',
  '7',
  `{"iss":"idp","a":${'['.repeat(2000)}${']'.repeat(2000)}}`,
];

/** Signed rightly, whatever the payload is. */
const signPayload = (payload: string): string => {
  const input = `${b64(JSON.stringify({ alg: 'RS256', kid: RS.kid }))}.${b64(payload)}`;
  return `${input}.${b64(crypto.sign('sha256', Buffer.from(input), RS.privateKey))}`;
};

test('attack class: claims that are no object, nest without end, have members twice, or odd types', async () => {
  for (const payload of payloads) await refused(signPayload(payload));
  const rest = JSON.stringify(CLAIMS).slice(1);
  await refused(signPayload(`{"iss":"x",${rest}`), STRICT);
  await refused(signPayload(`{"\\u0069ss":"x",${rest}`), STRICT);
  for (const exp of ['"9999999999"', '-1', '[9999999999]', '{}', 'true']) {
    await refused(signPayload(JSON.stringify({ ...CLAIMS, exp: 'EXP' }).replace('"EXP"', exp)));
  }
  // Kong's jwt plugin takes it from credentials, as recorded.
  await refused(
    signPayload(JSON.stringify({ ...CLAIMS, exp: 'EXP' }).replace('"EXP"', '1e999')),
    STRICT,
  );
  for (const aud of [{ api: 1 }, ['x', 1], 7, [['api']], ['x', null]]) {
    await refused(tokenBy(RS, { ...CLAIMS, aud }));
  }
  await accepted(tokenBy(RS, { ...CLAIMS, aud: [1, null, 'api'] }));
  for (const iss of [{ idp: 1 }, ['idp'], 7, null]) {
    await refused(tokenBy(RS, { ...CLAIMS, iss }), STRICT);
  }
});

test('attack class: regex on claims: what the config allows is text, never a pattern', async () => {
  for (const aud of ['ap.', '.*', '^api$', 'api\n', 'API', 'a'.repeat(5000)]) {
    await refused(tokenBy(RS, { ...CLAIMS, aud }));
  }
  for (const iss of ['id.', 'idp\n', ' idp', 'IDP']) {
    await refused(tokenBy(RS, { ...CLAIMS, iss }), STRICT);
  }
});

test('attack class: the same token in two places is one, different tokens are refused', async () => {
  const [one, two] = [await tokenBy(RS, CLAIMS), await tokenBy(ES, CLAIMS)];
  for (const door of [CREDENTIAL, ISSUER]) {
    assert.equal(await door.ask(one, `?jwt=${one}`), 'passed', door.name);
    assert.equal(await door.ask(one, `?jwt=${two}`), 401, door.name);
    assert.equal(await door.ask('', `?jwt=${one}&jwt=${two}`), 401, door.name);
  }
});

test('attack class: cross-JWT confusion: a token of another kind (typ)', async () => {
  for (const typ of [
    'JWT',
    'jwt',
    'at+jwt',
    'application/at+jwt',
    'application/okta-internal-at+jwt',
  ]) {
    await accepted(tokenBy(RS, CLAIMS, { typ }));
  }
  for (const typ of [
    'logout+jwt',
    'application/logout+jwt',
    'SecEvent+JWT',
    'dpop+jwt',
    'kb+jwt',
  ]) {
    await refused(tokenBy(RS, CLAIMS, { typ }), STRICT);
  }
});

test('attack class: cross-JWT confusion: a token for somebody else (aud)', async () => {
  const { aud: _, ...without } = CLAIMS;
  await refused(tokenBy(RS, without));
  for (const aud of ['other', ['other'], [], '']) await refused(tokenBy(RS, { ...CLAIMS, aud }));
});

test('attack class: cross-JWT confusion: keys verify for their own issuer alone', async () => {
  await accepted(tokenBy(OTHER, { ...CLAIMS, iss: OTHER_ISSUER }), [ISSUER]);
  for (const kid of [RS.kid, OTHER.kid]) {
    await refused(tokenBy({ ...OTHER, kid }, CLAIMS));
    await refused(tokenBy({ ...RS, kid }, { ...CLAIMS, iss: OTHER_ISSUER }), STRICT);
  }
  await refused(tokenBy({ ...ES, kid: RS.kid }, CLAIMS, { alg: 'RS256' }));
  await refused(tokenBy({ ...RS, kid: ES.kid }, CLAIMS));
});

const CANARY = 'canary-of-a-token';

test('attack class: token in URL or log: no log shows one, wherever it came', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-canary-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [errors, requests] = [join(folder, 'error.log'), join(folder, 'access.log')];
  await t.test('good and bad tokens in the header, the query and a cookie', async (sub) => {
    const settings = { log_level: 'debug', proxy_error_log: errors, proxy_access_log: requests };
    const gateway = await startSigner(sub, settings);
    const token = `${raw({ alg: 'HS256', kid: CANARY }, { iss: CANARY })}.${b64(CANARY)}`;
    const plugins = [{ name: 'jwt', config: { cookie_names: ['session'] } }];
    const routes = [{ name: 'all', paths: ['/'] }];
    const services = [{ name: 'api', url: 'http://127.0.0.1:9', routes, plugins }];
    const document = JSON.stringify({ _format_version: '3.0', services });
    assert.equal((await loadConfig(gateway.adminUrl, document)).status, 201);
    const send = async (path: string, headers: Record<string, string> = {}): Promise<void> =>
      assert.equal((await fetch(`${gateway.proxyUrl}${path}`, { headers })).status, 401);
    await send(`/?jwt=${token}`);
    await send('/', { Authorization: `Bearer ${token}` });
    await send('/', { Cookie: `session=${token}` });
    await send(`/?a=1&jwt=${token}&b=2`, { Authorization: `Bearer ${token}x` });
  });
  const text = readFileSync(errors, 'utf8') + readFileSync(requests, 'utf8');
  assert.match(text, /GET \/\?a=1&/, 'the requests are there');
  for (const canary of [CANARY, b64(CANARY), raw({ alg: 'HS256', kid: CANARY }, {}).slice(0, 40)]) {
    assert.ok(!text.includes(canary), canary);
  }
});
