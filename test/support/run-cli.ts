/** The built command line, run to its end: what it wrote to each stream, and its exit code. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const CLI = join(import.meta.dirname, '../../dist/cli.js');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Blocks until it is done. Variables that change what it does or how it looks are not inherited. */
export function runCli(args: readonly string[], options: RunOptions = {}): CliResult {
  const { input = '', cwd, env } = options;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    input,
    encoding: 'utf8',
    env: { ...plainEnvironment(), ...env },
    maxBuffer: 64 << 20,
    ...(cwd !== undefined && { cwd }),
  });
  return { code: status, stdout, stderr };
}

export const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(KONG_|NODE_|NO_COLOR$|FORCE_COLOR$|CI$|GITHUB_)/.test(name),
    ),
  );
