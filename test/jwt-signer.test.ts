/** The jwt-signer plugin as clients, providers and upstreams see it: the 124 cases of its reference, and every field. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN_CASES } from './jwt-signer/admin.cases.ts';
import { CLAIMS_CASES } from './jwt-signer/claims.cases.ts';
import { CONSUMER_CASES } from './jwt-signer/consumers.cases.ts';
import { INTROSPECTION_CASES } from './jwt-signer/introspection.cases.ts';
import { PRESENCE_CASES } from './jwt-signer/presence.cases.ts';
import { SIGNATURE_CASES } from './jwt-signer/signature.cases.ts';
import { SIGNING_CASES } from './jwt-signer/signing.cases.ts';
import { makeWorld, startSigner, type Case } from './support/signer.ts';

const CASES: readonly Case[] = [
  ...PRESENCE_CASES,
  ...SIGNATURE_CASES,
  ...CLAIMS_CASES,
  ...INTROSPECTION_CASES,
  ...CONSUMER_CASES,
  ...SIGNING_CASES,
  ...ADMIN_CASES,
];

test('the cases of the reference', async (t) => {
  const gateway = await startSigner(t);
  assert.deepEqual(
    CASES.map(({ number }) => number),
    Array.from({ length: 124 }, (_, i) => i + 1),
  );
  for (const { number, title, run } of CASES) {
    await t.test(`${number} ${title}`, async (sub) => run(await makeWorld(sub, gateway)));
  }
});
