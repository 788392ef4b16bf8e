/**
 * The warnings about what runs, in the log: found by a process of their own when the config has stood
 * still for a moment, so that no request and no reload ever waits for them. The same warnings are not
 * logged twice in a row.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DocumentSource } from '../config/load.ts';
import { filesOf } from '../config/read.ts';
import type { Logger } from '../log.ts';
import type { PluginSet } from '../gateway/plugins.ts';
import type { Settings } from '../settings/types.ts';

/** What the process is told. */
export interface LintOrder {
  readonly source: DocumentSource;
  readonly plugins: readonly string[];
  /** Modules of the user's own plugins. */
  readonly ownPlugins: readonly string[];
  readonly interpolate: boolean;
}

/** What it answers. */
export interface LintResult {
  /** One line each. */
  readonly warnings: readonly string[];
}

export interface WarningLog {
  /** Of the document that serves from now on; one that is still looked at is given up. */
  look(source: DocumentSource, plugins: PluginSet): void;
  close(): void;
}

/** The same folder holds it in the sources and in the build. */
const FILE = import.meta.url.endsWith('.ts') ? './lint-process.ts' : './lint-process.js';
const QUIET_MS = 1000;
const TIMEOUT_MS = 60_000;
/** One line of the log is read; a page is not. */
const LINES_MAX = 20;
/** Levels that do not show warnings: then nobody looks for them. */
const MUTE: ReadonlySet<string> = new Set(['error', 'crit', 'alert', 'emerg']);

export function createWarningLog(
  { plugins, interpolate, logLevel }: Pick<Settings, 'plugins' | 'interpolate' | 'logLevel'>,
  log: Logger,
  quietMs = QUIET_MS,
): WarningLog {
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess | undefined;
  let logged = '';

  const stop = (): void => {
    clearTimeout(timer);
    child?.kill('SIGKILL');
    child = undefined;
  };
  const run = (source: DocumentSource, { own }: PluginSet): void => {
    const ownPlugins = own.map(({ url }) => url);
    const started = startProcess({ source, plugins, ownPlugins, interpolate });
    child = started;
    started.once('message', (message) => {
      if (started !== child || !isResult(message)) return;
      const lines = message.warnings.join('\n');
      if (lines !== logged && lines !== '') report(message.warnings, source, log);
      logged = lines;
    });
    started.once('error', (err) => log.debug({ err }, 'nobody looks for warnings'));
  };
  return {
    look(source, set) {
      stop();
      if (!MUTE.has(logLevel)) timer = setTimeout(run, quietMs, source, set).unref();
    },
    close: stop,
  };
}

function startProcess(order: LintOrder): ChildProcess {
  const child = fork(fileURLToPath(new URL(FILE, import.meta.url)), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  // It must not keep a gateway alive that wants to end.
  child.unref();
  child.channel?.unref();
  child.send(order, () => undefined);
  return child;
}

const isResult = (message: unknown): message is LintResult =>
  typeof message === 'object' && message !== null && 'warnings' in message;

function report(warnings: readonly string[], source: DocumentSource, log: Logger): void {
  const file = filesOf(source).join(' ') || 'FILE';
  const count = `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;
  log.warn(
    { warnings: warnings.slice(0, LINES_MAX) },
    `the declarative config has ${count}; \`silverback validate ${file}\` shows where and why`,
  );
}
