/** Attack class: timing. Whether a secret is right is decided by `timingSafeEqual` alone, wherever one is compared. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkToken } from '../src/admin/guard/tokens.ts';
import { FakeContext } from '../src/gateway/fake-context.test.fixture.ts';
import { isPasswordOf } from '../src/plugins/basic-auth/accounts.ts';
import { isSignatureOf } from '../src/plugins/hmac-auth/signing-string.ts';
import { alice } from '../src/plugins/jwt/tokens.test.fixture.ts';
import { tokenDigest } from '../src/settings/admin-tokens.ts';
import { createVerifier } from '../src/tokens/verify.ts';

/** Whether something of the right form is taken: the secret itself, or something else. */
type IsTaken = (t: TestContext, isRight: boolean) => boolean | Promise<boolean>;

const SECRET = 'a secret of thirty-two characters';
const WRONG = 'A secret of thirty-two characters';
const key = crypto.createSecretKey(Buffer.from(SECRET));
const macOf = (text: string, isRight: boolean): Buffer =>
  crypto
    .createHmac('sha256', isRight ? SECRET : WRONG)
    .update(text)
    .digest();

const byJwt: IsTaken = (_t, isRight) =>
  createVerifier('HS256', key)('input', macOf('input', isRight));

const byPassword: IsTaken = (_t, isRight) => {
  const credential = { id: 'id', consumerId: alice.id };
  const digest = Buffer.from(
    crypto
      .createHash('sha1')
      .update(SECRET + alice.id)
      .digest('hex'),
  );
  const account = { username: 'alice', consumer: alice, credential, digest };
  return isPasswordOf(account, isRight ? SECRET : WRONG);
};

const byHmacAuth: IsTaken = (_t, isRight) => {
  const credential = { id: 'id', consumerId: alice.id };
  const signer = { username: 'alice', consumer: alice, credential, key };
  const signature = macOf('date: now', isRight).toString('base64');
  const ctx = new FakeContext({ headers: ['date', 'now'] });
  const signed = { username: 'alice', algorithm: 'hmac-sha256', signed: ['date'], signature };
  return isSignatureOf(ctx, signer, signed);
};

const byAdminToken: IsTaken = async (t, isRight) => {
  const attempts = { waitMs: () => 0, failed: () => false };
  const token = {
    name: 'ci',
    scope: 'write',
    digest: tokenDigest(SECRET),
    untilMs: undefined,
  } as const;
  const server = createServer((req, res) => {
    const asked = { req, address: '127.0.0.1', isWrite: true, tokens: [token] };
    res.end(checkToken(attempts, asked).kind);
  });
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const headers = { 'Kong-Admin-Token': isRight ? SECRET : WRONG, Connection: 'close' };
  const answer = await fetch(`http://127.0.0.1:${address.port}/`, { headers });
  return (await answer.text()) === 'known';
};

/** By the file that compares. */
const CHECKS: Readonly<Record<string, IsTaken>> = {
  'admin/guard/tokens.ts': byAdminToken,
  'plugins/basic-auth/accounts.ts': byPassword,
  'plugins/hmac-auth/signing-string.ts': byHmacAuth,
  'tokens/verify.ts': byJwt,
};

/** Until the test ends the comparison says `answer`, whatever it is asked. */
function compareWith(t: TestContext, answer: boolean): void {
  const mocked = t.mock.method(crypto, 'timingSafeEqual', () => answer);
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
}

for (const [file, isTaken] of Object.entries(CHECKS)) {
  test(`attack class: timing: timingSafeEqual alone decides in ${file}`, async (t) => {
    assert.equal(await isTaken(t, true), true, 'the right secret');
    assert.equal(await isTaken(t, false), false, 'a wrong one of the same length');
    await t.test('when it says no, the right secret is refused', async (sub) => {
      compareWith(sub, false);
      assert.equal(await isTaken(sub, true), false);
    });
    await t.test('when it says yes, a wrong secret is taken', async (sub) => {
      compareWith(sub, true);
      assert.equal(await isTaken(sub, false), true);
    });
  });
}

const SRC = join(import.meta.dirname, '../src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/\.test(\.fixture)?\.ts$/.test(file))
  .map((file) => [file, readFileSync(join(SRC, file), 'utf8')] as const);

test('attack class: timing: every file that compares in constant time is among these', () => {
  const comparing = sources.filter(([, text]) => text.includes('timingSafeEqual('));
  assert.deepEqual(comparing.map(([file]) => file).toSorted(), Object.keys(CHECKS));
});

/** Files that compute a keyed hash to check what a client sent, or to make something of their own. */
const MAKES_MACS = ['plugins/hmac-auth/signing-string.ts', 'tokens/sign.ts', 'tokens/verify.ts'];

test('attack class: timing: no other file computes an HMAC that it could compare', () => {
  const keyed = sources.filter(([, text]) => text.includes('createHmac('));
  assert.deepEqual(keyed.map(([file]) => file).toSorted(), MAKES_MACS);
});
