/** A gateway as the foreground process: pid file, signals, exit codes. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Settings } from '../settings/types.ts';
import { startNode, type RunningNode } from './start.ts';

/** Below the prefix. */
const PID_FILE = 'pids/silverback.pid';

/** The process that runs in a prefix, or `undefined`. */
export function runningPid(prefix: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(prefix, PID_FILE), 'utf8').trim());
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

/** Another gateway has the prefix. */
export class AlreadyRunningError extends Error {}

/**
 * Starts the gateway and leaves it running until a signal: TERM, INT and QUIT let requests finish (a
 * second one cuts them), HUP reads the file again, USR1 opens the logs again.
 */
export async function runNode(
  settings: Settings,
  warnings: readonly string[],
): Promise<RunningNode> {
  const { prefix } = settings;
  const other = runningPid(prefix);
  if (other !== undefined && other !== process.pid) {
    throw new AlreadyRunningError(
      `already running in ${prefix} (pid ${other}); stop it with \`silverback quit\`, or give another --prefix`,
    );
  }
  const pidFile = join(prefix, PID_FILE);
  const leave = (code: number): void => {
    rmSync(pidFile, { force: true });
    process.exit(code);
  };
  const endProcess = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${text}\n`);
    leave(1);
  };
  const starting = startNode(settings, warnings, { endProcess });
  handleSignals(starting, settings.gracePeriodMs, leave);
  const node = await starting;
  mkdirSync(dirname(pidFile), { recursive: true });
  writeFileSync(pidFile, `${process.pid}\n`);
  const giveUp = async (): Promise<void> => {
    const { message } = await node.failed;
    process.stderr.write(`silverback: ${message}\n`);
    leave(1);
  };
  void giveUp();
  return node;
}

/** A signal that comes while it starts is done when it has; a failed start says so by itself. */
function handleSignals(
  starting: Promise<RunningNode>,
  graceMs: number,
  leave: (code: number) => void,
): void {
  const whenStarted = (work: (node: RunningNode) => unknown): void => {
    starting.then(work).catch(() => undefined);
  };
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) leave(1);
    isStopping = true;
    whenStarted((node) =>
      node.stop(graceMs).then(
        () => leave(0),
        () => leave(1),
      ),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, stop);
  process.on('SIGHUP', () => whenStarted((node) => node.reload()));
  process.on('SIGUSR1', () => whenStarted((node) => node.reopenLogs()));
}
