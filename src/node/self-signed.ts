/** The certificate of listeners that were given none: made once and kept in the prefix. */
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { TlsPair } from '../settings/types.ts';

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 3650;

/** Reads the kept pair, or makes one for `localhost`. A prefix that cannot be written does no harm. */
export async function selfSignedPair(prefix: string): Promise<TlsPair> {
  const folder = join(prefix, 'ssl');
  const paths = { cert: join(folder, 'kong-default.crt'), key: join(folder, 'kong-default.key') };
  const kept = await readPair(paths);
  if (kept !== undefined) return kept;
  const now = Date.now();
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + LIFETIME_DAYS * DAY_MS),
  });
  const pair = { cert: made.cert, key: made.private };
  await keep(folder, paths, pair).catch(() => undefined);
  return pair;
}

async function readPair(paths: TlsPair): Promise<TlsPair | undefined> {
  try {
    const [cert, key] = await Promise.all([
      readFile(paths.cert, 'utf8'),
      readFile(paths.key, 'utf8'),
    ]);
    return Date.parse(new X509Certificate(cert).validTo) > Date.now() ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}

async function keep(folder: string, paths: TlsPair, pair: TlsPair): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(paths.key, pair.key, { mode: 0o600 });
  await writeFile(paths.cert, pair.cert);
}
