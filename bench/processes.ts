/** The processes a benchmark measures: Node scripts of this folder, and proxies when they are installed. */
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExternalServer } from './external-servers.ts';

export interface Child {
  readonly port: number;
  /** User and system time since the start, in microseconds. */
  cpuUs(): Promise<number>;
  /** Sends a message and resolves with the answer. */
  ask(message: object | string): Promise<object>;
  stop(): void;
}

/** Starts a script of this folder without any loader and waits until it listens. */
export async function startNode(script: string, ...args: readonly string[]): Promise<Child> {
  const child = fork(join(import.meta.dirname, script), args, { execArgv: [] });
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with ${String(code)}`);
  });
  gone.catch(() => {}); // whoever waits for an answer sees it
  const nextMessage = async (): Promise<object> => {
    const [message]: unknown[] = await Promise.race([once(child, 'message'), gone]);
    if (typeof message !== 'object' || message === null) throw new Error(`${script} is confused`);
    return message;
  };
  const ask = (message: object | string) => {
    const answer = nextMessage();
    child.send(message);
    return answer;
  };
  return {
    port: numberOf(await nextMessage(), 'port'),
    cpuUs: async () => numberOf(await ask('cpu'), 'cpuUs'),
    ask,
    stop: () => child.disconnect(),
  };
}

function numberOf(message: object, name: string): number {
  const value: unknown = Object.entries(message).find(([key]) => key === name)?.[1];
  if (typeof value !== 'number') throw new Error(`no ${name} in ${JSON.stringify(message)}`);
  return value;
}

/** Starts an installed proxy in front of the origin; `undefined` when it is not installed. */
export async function startServer(
  server: ExternalServer,
  originUrl: string,
): Promise<Child | undefined> {
  if (spawnSync(server.program, ['-v'], { stdio: 'ignore' }).error !== undefined) return undefined;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'proxy.conf');
  for (const [name, text] of Object.entries(server.files ?? {})) {
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(file, server.config({ port, originPort: new URL(originUrl).port, folder }));
  const child = spawn(server.program, server.args(file, folder), { stdio: 'ignore' });
  await untilListening(port);
  return {
    port,
    cpuUs: () => Promise.resolve(procCpuUs(child.pid ?? 0)),
    ask: () => Promise.reject(new Error(`${server.name} has no channel`)),
    stop: () => {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** proc(5): utime and stime are fields 14 and 15, in ticks of 10 ms; the name may hold spaces. */
function procCpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
