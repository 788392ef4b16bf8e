/**
 * The recorded answers of Kong Gateway 3.9.1: every suite is loaded into the built program, once with one worker and
 * once with two, and must answer as recorded except for test/conformance/departures.json (where we answer better) and
 * waiting.json (what needs a plugin or a feature that does not exist yet).
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { spawnGateway } from './support/spawn-gateway.ts';

const run = promisify(execFile);
const conformance = join(import.meta.dirname, 'conformance');
const SUITES = readdirSync(join(conformance, 'suites')).map((file) => basename(file, '.mjs'));
/** The recordings hold these ports in Host, Location and Admin answers. */
const PROXY = '127.0.0.1:18000';
const ADMIN = '127.0.0.1:18001';

interface Result {
  readonly failures: readonly string[];
  readonly total: string;
}

async function check(suite: string): Promise<Result> {
  const args = [
    join(conformance, 'run.mjs'),
    'check',
    '--admin',
    `http://${ADMIN}`,
    '--proxy',
    `http://${PROXY}`,
    '--departures',
    join(conformance, 'departures.json'),
    '--waiting',
    join(conformance, 'waiting.json'),
    suite,
  ];
  const stdout = await run(process.execPath, args, { maxBuffer: 64 << 20 }).then(
    (done) => done.stdout,
    (error: unknown) => {
      if (error instanceof Error && 'stdout' in error) return String(error.stdout);
      throw error;
    },
  );
  const lines = stdout.trimEnd().split('\n');
  const failures = lines.filter((line) => /^(FAIL|!!| {5})/.test(line));
  return { failures, total: lines.at(-1) ?? 'nothing ran' };
}

for (const workers of [1, 2]) {
  test(`${workers} worker${workers === 1 ? '' : 's'}`, async (t) => {
    await spawnGateway(t, {
      KONG_PROXY_LISTEN: PROXY,
      KONG_ADMIN_LISTEN: ADMIN,
      KONG_NGINX_WORKER_PROCESSES: String(workers),
    });
    for (const suite of SUITES) {
      await t.test(`${suite} answers as recorded`, async (st) => {
        const { failures, total } = await check(suite);
        st.diagnostic(`${suite}: ${total}`);
        assert.deepEqual(failures, []);
        assert.match(total, /^[1-9]\d* passed, 0 failed|^0 passed, 0 failed, .*waiting/);
      });
    }
  });
}
