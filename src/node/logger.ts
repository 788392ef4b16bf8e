/** Log sinks: pino lines for events, plain lines for requests. A sink that stalls loses lines, not requests. */
import { pino, type LevelWithSilent } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { maskSecrets } from '../http/mask.ts';
import { SILENT, type Logger } from '../log.ts';
import type { LogLevel, LogTarget, Settings } from '../settings/types.ts';

type Sink = ReturnType<typeof pino.destination>;

export interface Logs {
  readonly proxy: Logger;
  readonly admin: Logger;
  readonly status: Logger;
  /** Each takes one line without its end; absent when the log is off. */
  readonly proxyAccess: ((line: string) => void) | undefined;
  readonly adminAccess: ((line: string) => void) | undefined;
  readonly statusAccess: ((line: string) => void) | undefined;
  /** Opens the files again under their names: for log rotation (SIGUSR1). */
  reopen(): void;
  /** Writes what is buffered; for the end of the process. */
  flush(): void;
  /** Resolves when everything is written, also what is on its way; after a second in any case. Never rejects. */
  written(): Promise<void>;
}

/** Bytes a sink may hold back; beyond them lines are dropped. */
const SINK_BYTES_MAX = 8 * 1024 * 1024;

const LEVELS: Readonly<Record<LogLevel, LevelWithSilent>> = {
  debug: 'debug',
  info: 'info',
  // Kong's `notice` is what an operator should see of a healthy process: our info.
  notice: 'info',
  warn: 'warn',
  error: 'error',
  crit: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
};

/** Opens every target of the settings. Targets with the same name share one sink and its logger. */
export function createLogs(settings: Settings): Logs {
  const sinks = new Map<string, Sink>();
  const sinkOf = (target: LogTarget): Sink | undefined => {
    if (target.kind === 'off') return undefined;
    const dest = target.kind === 'file' ? target.path : target.kind === 'stdout' ? 1 : 2;
    const known = sinks.get(String(dest));
    if (known !== undefined) return known;
    const sink = openSink(dest);
    sinks.set(String(dest), sink);
    return sink;
  };
  const loggers = new Map<Sink, Logger>();
  const logger = (target: LogTarget): Logger => {
    const sink = sinkOf(target);
    if (sink === undefined) return SILENT;
    const known = loggers.get(sink) ?? createLogger(settings, sink);
    loggers.set(sink, known);
    return known;
  };
  const access = (target: LogTarget): ((line: string) => void) | undefined => {
    const sink = sinkOf(target);
    return sink === undefined ? undefined : (line) => void sink.write(`${line}\n`);
  };
  return {
    proxy: logger(settings.proxyErrorLog),
    admin: logger(settings.adminErrorLog),
    status: logger(settings.statusErrorLog),
    proxyAccess: access(settings.proxyAccessLog),
    adminAccess: access(settings.adminAccessLog),
    statusAccess: access(settings.statusAccessLog),
    reopen() {
      for (const [name, sink] of sinks) if (!/^\d$/.test(name)) sink.reopen();
    },
    flush() {
      for (const sink of sinks.values()) flushSink(sink);
    },
    async written() {
      await Promise.all([...sinks.values()].map(drained));
    },
  };
}

function openSink(dest: string | number): Sink {
  const sink = pino.destination({
    dest,
    sync: false,
    mkdir: true,
    // Nothing is held back, but `flush` waits only in a sink that could.
    minLength: 1,
    maxLength: SINK_BYTES_MAX,
  });
  // A closed pipe or a full disk must not end the gateway, and there is nowhere to say so.
  sink.on('error', () => undefined);
  return sink;
}

function flushSink(sink: Sink): void {
  try {
    sink.flushSync();
  } catch {
    // Not open yet, or gone: nothing was lost that could be kept.
  }
}

/** A pipe that nobody reads takes nothing. */
const WRITTEN_MS = 1000;

/** `flushSync` knows nothing of what a thread of the pool is about to write. */
function drained(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, WRITTEN_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    try {
      sink.flush(done);
    } catch {
      done();
    }
  });
}

function createLogger(settings: Settings, sink: Sink): Logger {
  const options = {
    level: LEVELS[settings.logLevel],
    base: { pid: process.pid },
    hooks: { streamWrite: maskSecrets },
  };
  if (settings.logFormat === 'pretty') {
    const stream = PinoPretty({
      destination: sink,
      ignore: 'pid,hostname',
      singleLine: true,
      translateTime: 'SYS:HH:MM:ss.l',
      colorize: false,
    });
    return pino(options, stream);
  }
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino({ ...options, formatters, timestamp: pino.stdTimeFunctions.isoTime }, sink);
}
