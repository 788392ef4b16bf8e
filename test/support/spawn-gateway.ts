/** The built program as a process of its own: what the CLI, signals and workers are tested with. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 25;

export interface SpawnedCli {
  readonly child: ChildProcess;
  /** Everything the process has written so far, both streams. */
  output(): string;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
}

/** Runs the built command line. The process is killed with the test if it still runs. */
export function spawnCli(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): SpawnedCli {
  const prefix = mkdtempSync(join(tmpdir(), 'silverback-'));
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...ownEnvironment(), KONG_PREFIX: prefix, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = once(child, 'close').then(([code, signal]: unknown[]) =>
    typeof code === 'number' ? code : String(signal),
  );
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(prefix, { recursive: true, force: true });
  });
  return { child, output: () => text, exited };
}

/** A `KONG_*` variable of the machine may not change what a test sees. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(KONG_|NODE_)/.test(name)),
  );
}

export interface SpawnedGateway extends SpawnedCli {
  readonly proxyUrl: string;
  readonly proxyPort: number;
  readonly adminUrl: string;
}

/** Starts the gateway and waits until its Admin API answers. Fails with its output when it ends before. */
export async function spawnGateway(
  t: TestContext,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<SpawnedGateway> {
  const proxy = env['KONG_PROXY_LISTEN'] ?? `127.0.0.1:${await freePort()}`;
  const admin = env['KONG_ADMIN_LISTEN'] ?? `127.0.0.1:${await freePort()}`;
  const cli = spawnCli(t, ['start', ...args], {
    KONG_STATUS_LISTEN: 'off',
    ...env,
    KONG_PROXY_LISTEN: proxy,
    KONG_ADMIN_LISTEN: admin,
  });
  const adminUrl = `http://${admin}`;
  await untilAnswering(cli, `${adminUrl}/status`);
  return {
    ...cli,
    adminUrl,
    proxyUrl: `http://${proxy}`,
    proxyPort: Number(proxy.slice(proxy.lastIndexOf(':') + 1)),
  };
}

/** Polls: a port that is about to open has no event to wait for. */
async function untilAnswering(cli: SpawnedCli, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (cli.child.exitCode !== null) break;
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the gateway did not start:\n${cli.output()}`);
}

/** A port that was free a moment ago. The program takes the ports it is told, so one has to be chosen for it. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Loads a document through the Admin API; resolves when it is live in every worker. */
export async function loadConfig(adminUrl: string, config: string): Promise<Response> {
  return fetch(`${adminUrl}/config`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ config }),
  });
}
