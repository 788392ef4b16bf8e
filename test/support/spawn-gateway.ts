/** The built program as a process of its own: what the CLI, signals and workers are tested with. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const START_TIMEOUT_MS = 20_000;

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
    env: {
      ...ownEnvironment(),
      KONG_PREFIX: prefix,
      SILVERBACK_DATA_DIR: join(prefix, 'data'),
      ...env,
    },
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

/** A `KONG_*` or `SILVERBACK_*` variable of the machine may not change what a test sees. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(KONG_|NODE_|SILVERBACK_)/.test(name)),
  );
}

export interface SpawnedGateway extends SpawnedCli {
  /** The first listener's. */
  readonly proxyUrl: string;
  readonly proxyPort: number;
  /** All listeners', in the order of `proxy_listen`. */
  readonly proxyPorts: readonly number[];
  readonly adminUrl: string;
  /** Only with `KONG_STATUS_LISTEN`. */
  readonly statusUrl: string;
}

/** Starts the gateway and waits until it says where it listens. Fails with its output when it ends before. */
export async function spawnGateway(
  t: TestContext,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<SpawnedGateway> {
  const cli = spawnCli(t, ['start', ...args], {
    KONG_PROXY_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_LISTEN: '127.0.0.1:0',
    KONG_STATUS_LISTEN: 'off',
    KONG_PROXY_ACCESS_LOG: 'off',
    KONG_ADMIN_ACCESS_LOG: 'off',
    ...env,
  });
  const { proxy, admin, status } = await untilListening(cli);
  const proxyPort = proxy[0] ?? 0;
  return {
    ...cli,
    proxyPorts: proxy,
    proxyPort,
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    adminUrl: `http://127.0.0.1:${admin[0] ?? 0}`,
    statusUrl: `http://127.0.0.1:${status[0] ?? 0}`,
  };
}

interface Ports {
  readonly proxy: readonly number[];
  readonly admin: readonly number[];
  readonly status: readonly number[];
}

/** Waits for the log line that names the listeners; ports are in the order of the settings. */
async function untilListening(cli: SpawnedCli): Promise<Ports> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const ended = cli.exited.then(() => 'ended' as const);
  for (;;) {
    const line = cli.output().match(/^.*"msg":"listening".*$/m)?.[0];
    if (line !== undefined) {
      return {
        proxy: portsIn(line, 'proxy'),
        admin: portsIn(line, 'admin'),
        status: portsIn(line, 'status'),
      };
    }
    const more = once(cli.child.stdout ?? cli.child, 'data', { signal });
    const moreErrors = once(cli.child.stderr ?? cli.child, 'data', { signal });
    const outcome = await Promise.race([more, moreErrors, ended]).catch(() => 'late' as const);
    more.catch(() => {});
    moreErrors.catch(() => {});
    if (outcome === 'ended' || outcome === 'late') {
      throw new Error(`the gateway did not start (${outcome}):\n${cli.output()}`);
    }
  }
}

function portsIn(line: string, name: string): readonly number[] {
  const list = new RegExp(`"${name}":\\[([^\\]]*)\\]`).exec(line)?.[1] ?? '';
  return [...list.matchAll(/"port":(\d+)/g)].map(([, port]) => Number(port));
}

/** Loads a document through the Admin API; resolves when it is live in every worker. */
export async function loadConfig(adminUrl: string, config: string): Promise<Response> {
  return fetch(`${adminUrl}/config`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ config }),
  });
}
