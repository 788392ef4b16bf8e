/** `reload`, `quit` and `health`: what can be asked of the gateway that runs in a prefix. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runningPid } from '../run.ts';
import { print, printError, settingsFrom, type ExitCode, type SettingFlags } from './context.ts';

const POLL_MS = 50;
const SLACK_MS = 5000;

function notRunning(prefix: string): ExitCode {
  printError(`silverback: not running in prefix: ${prefix}; start it, or give its --prefix`);
  return 1;
}

/** Sends SIGHUP: the file is read again. Whether it was good, the gateway's log says. */
export function reloadCommand(flags: SettingFlags): ExitCode {
  const { prefix } = settingsFrom(flags).settings;
  const pid = runningPid(prefix);
  if (pid === undefined) return notRunning(prefix);
  process.kill(pid, 'SIGHUP');
  print('reloading; the log of the gateway says what changed');
  return 0;
}

/** Sends SIGQUIT and waits until the process is gone. */
export async function quitCommand(flags: SettingFlags): Promise<ExitCode> {
  const { prefix, gracePeriodMs } = settingsFrom(flags).settings;
  const pid = runningPid(prefix);
  if (pid === undefined) return notRunning(prefix);
  process.kill(pid, 'SIGQUIT');
  const deadline = Date.now() + gracePeriodMs + SLACK_MS;
  while (runningPid(prefix) === pid) {
    if (Date.now() > deadline) {
      printError(`silverback: process ${pid} did not end; kill it with \`kill -9 ${pid}\``);
      return 1;
    }
    // oxlint-disable-next-line no-await-in-loop -- a process that is not ours has no event for its end
    await sleep(POLL_MS);
  }
  print('stopped (gracefully)');
  return 0;
}

export function healthCommand(flags: SettingFlags): ExitCode {
  const { prefix } = settingsFrom(flags).settings;
  const pid = runningPid(prefix);
  if (pid === undefined) return notRunning(prefix);
  print(`healthy at ${prefix} (pid ${pid})`);
  return 0;
}
