/**
 * Lines to the syslog of this machine, through the program `logger` (util-linux). Node has no datagram sockets of
 * the local kind, and a native addon in the gateway's process would be a risk for every request; a program
 * beside it can stall or end without anybody waiting for it.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '../../log.ts';
import { createDropLog } from '../../telemetry/drops.ts';

export interface LoggerOptions {
  /** `logger`, or where it is. */
  readonly program: string;
  /** Where the syslog listens. */
  readonly socket: string;
  /** `user.info`. */
  readonly priority: string;
  readonly log: Logger;
}

export interface LoggerProcess {
  /** One line without its end. Never blocks and never throws; what is lost is counted in the log. */
  write(line: string): void;
  /** Waits until what was written is handed on, for a while. */
  close(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, null, Readable>;

/** Kong's name for the sender. */
const TAG = 'kong';
/** The longest line; a datagram of the local kind is not longer by default. */
const LINE_BYTES_MAX = 200 * 1024;
/** What may wait for the program. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
/** After a failure nothing is started for so long. */
const PAUSE_MS = 1000;
const CLOSE_MS = 5000;
const STDERR_CHARS_MAX = 500;

/** The program is started by the first line, and again when it has ended. */
export function createLoggerProcess(options: LoggerOptions): LoggerProcess {
  const { socket, log } = options;
  const drops = createDropLog(log);
  let child: Child | undefined;
  let startsAgainAt = 0;

  function failed(made: Child, reason: string): void {
    if (child !== made) return;
    child = undefined;
    startsAgainAt = performance.now() + PAUSE_MS;
    drops.dropped(1, reason);
  }

  function start(): Child | undefined {
    if (performance.now() < startsAgainAt) return undefined;
    if (!existsSync(socket)) {
      startsAgainAt = performance.now() + PAUSE_MS;
      return undefined;
    }
    const made = spawnLogger(options, (reason) => failed(made, reason));
    return made;
  }

  return {
    write(line) {
      child ??= start();
      if (child === undefined) return drops.dropped(1, `no syslog takes records at ${socket}`);
      const bytes = Buffer.byteLength(line);
      if (bytes > LINE_BYTES_MAX) {
        return drops.dropped(1, `a record of ${bytes} bytes is too long for the syslog`);
      }
      if (child.stdin.writableLength > WAITING_BYTES_MAX) {
        return drops.dropped(1, 'the syslog does not keep up');
      }
      child.stdin.write(`${line}\n`);
    },
    async close() {
      const last = child;
      child = undefined;
      if (last !== undefined) await ended(last);
      drops.close();
    },
  };
}

/** `onEnd` hears why when it ends by itself, or cannot be started. */
function spawnLogger(options: LoggerOptions, onEnd: (reason: string) => void): Child {
  const { program, socket, priority } = options;
  const made = spawn(
    program,
    [
      `--socket=${socket}`,
      '--socket-errors=on',
      `--tag=${TAG}`,
      `--id=${process.pid}`,
      `--priority=${priority}`,
      `--size=${LINE_BYTES_MAX}`,
    ],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      // A Ctrl-C is for the gateway, which ends it when all is written; and secrets are not its business.
      detached: true,
      env: { PATH: process.env['PATH'] ?? '', TZ: process.env['TZ'] ?? '' },
    },
  );
  let said = '';
  made.stderr.setEncoding('utf8');
  made.stderr.on('data', (text: string) => {
    said = (said + text).slice(0, STDERR_CHARS_MAX);
  });
  // It ended before it had read all: `exit` says so.
  made.stdin.on('error', () => undefined);
  made.once('error', () => onEnd(`the program ${program} cannot be started; it is in util-linux`));
  made.once('exit', (code) => onEnd(said.trim() || `${program} ended with ${code ?? 'a signal'}`));
  return made;
}

function ended(child: Child): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.pid === undefined) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin.end();
  });
}
