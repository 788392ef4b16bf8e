/**
 * Prints what a new token costs the doors that check one (`jwt` with a credential and with an issuer,
 * `jwt-signer` without signing), in microseconds of CPU, beside the bare signature check of node:crypto.
 */
import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import {
  CLAIMS,
  CREDENTIAL,
  ED,
  ES,
  HS,
  ISSUER,
  RS,
  SIGNER_HS,
  type Door,
} from '../test/support/token-doors.ts';
import { tokenBy, type TestKey } from '../src/tokens/keys.test.fixture.ts';

const COUNT = 500;
const ROUNDS = 9;
/** Until everything is compiled. */
const WARM_UP_ROUNDS = 8;

type Check = (token: string) => unknown;

const keyOf = ({ privateKey }: TestKey): KeyObject =>
  privateKey.type === 'secret' ? privateKey : createPublicKey(privateKey);

/** No parsing, no claims: what no gateway can do without. */
function bareCheck(signer: TestKey): Check {
  const key = keyOf(signer);
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  return (token) => {
    const dot = token.lastIndexOf('.');
    const input = token.slice(0, dot);
    const signature = Buffer.from(token.slice(dot + 1), 'base64url');
    if (signer.algorithm === 'HS256') {
      return timingSafeEqual(createHmac('sha256', key).update(input).digest(), signature);
    }
    const hash = signer.algorithm === 'EdDSA' ? null : 'sha256';
    return verify(hash, Buffer.from(input), options, signature);
  };
}

async function microseconds(check: Check, tokens: readonly string[]): Promise<number> {
  const before = process.cpuUsage();
  for (const token of tokens) {
    // oxlint-disable-next-line no-await-in-loop -- one token after the other is what is measured
    const verdict = await check(token);
    if (verdict !== true && verdict !== 'passed') throw new Error('a good token was refused');
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / tokens.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const doorsOf = (signer: TestKey): readonly Door[] =>
  signer === HS ? [CREDENTIAL, SIGNER_HS] : [CREDENTIAL, ISSUER, SIGNER_HS];

async function row(signer: TestKey): Promise<void> {
  const checks = [
    ['bare', bareCheck(signer)] as const,
    ...doorsOf(signer).map((door) => [door.name, (token: string) => door.ask(token)] as const),
  ];
  const samples = checks.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [i, [, check]] of checks.entries()) {
      const tokens = await newTokens(signer, `${round} ${i}`);
      const us = await microseconds(check, tokens);
      if (round >= 0) samples[i]?.push(us);
    }
  }
  const [bare = Number.NaN, ...others] = samples.map(median);
  const shown = others.map(
    (us, i) => `${checks[i + 1]?.[0]} ${us.toFixed(1)} (× ${(us / bare).toFixed(2)})`,
  );
  process.stdout.write(
    `${signer.algorithm.padEnd(6)} bare ${bare.toFixed(1)} | ${shown.join(' | ')}\n`,
  );
}

const newTokens = (signer: TestKey, batch: string): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: COUNT }, (_, i) => tokenBy(signer, { ...CLAIMS, jti: `${batch} ${i}` })),
  );

process.stdout.write('µs of CPU for a new token\n');
for (const signer of [HS, RS, ES, ED]) await row(signer);
