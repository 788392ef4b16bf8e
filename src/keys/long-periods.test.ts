/** Periods longer than a timer can wait (2^31 ms, 25 days) are periods, and not no time at all. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SILENT } from '../log.ts';
import { createOutbound } from '../outbound/index.ts';
import { freshKey, setOf } from '../tokens/keys.test.fixture.ts';
import { startOrigin } from '../../test/support/origin.ts';
import { createKeyServices, type KeyServices } from './client.ts';
import { openFileStore } from './file-store.ts';
import { generateKey, type GenerateKeys } from './generate.ts';
import { createKeyHost } from './host.ts';
import type { KeyStore } from './store.ts';

const YEAR_SECONDS = 365 * 24 * 3600;

const generate: GenerateKeys = async () => [await generateKey('ES256')];

async function startKeys(t: TestContext): Promise<KeyServices> {
  const folder = await mkdtemp(join(tmpdir(), 'silverback-periods-'));
  const outbound = createOutbound({ resolve: () => [{ ip: '127.0.0.1' }] });
  const openStore = (): KeyStore => openFileStore(folder);
  const host = createKeyHost({ outbound, openStore, log: SILENT, generate });
  const services = createKeyServices(host.connect);
  t.after(async () => {
    services.close();
    await host.close();
    await outbound.close();
    await rm(folder, { recursive: true, force: true });
  });
  return services;
}

/** What Node warns of while `act` runs: a timer that is too long fires after a millisecond. */
async function warningsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  const names: string[] = [];
  const note = ({ name }: Error): void => void names.push(name);
  process.on('warning', note);
  try {
    await act();
    // Warnings come one after the other: once this one is there, all before it are.
    const last = once(process, 'warning');
    process.emitWarning('the last one', 'Last');
    await last;
  } finally {
    process.off('warning', note);
  }
  return names;
}

test('a provider that is to be looked at once a year is not called all the time', async (t) => {
  const provider = await startOrigin(t, (_req, res) => void res.end(setOf(freshKey('one'))));
  const { keySources } = await startKeys(t);
  const spec = { kind: 'jwks', url: `${provider.url}/jwks`, refreshSeconds: YEAR_SECONDS } as const;
  const warnings = await warningsOf(() => keySources.open(spec).load());
  assert.deepEqual(warnings, ['Last']);
});

test('a keyset that rotates once a year is not read all the time', async (t) => {
  const { keysets } = await startKeys(t);
  const spec = { kind: 'named', name: 'kong', rotateSeconds: YEAR_SECONDS } as const;
  const warnings = await warningsOf(async () => keysets.open(spec).signingKey('ES256'));
  assert.deepEqual(warnings, ['Last']);
});
