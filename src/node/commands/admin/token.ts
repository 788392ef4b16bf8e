/** `silverback admin token`: makes tokens for the Admin API, and lists the ones of a file. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import {
  isTokenName,
  makeToken,
  parseTokenLines,
  tokenLine,
  type AdminToken,
  type TokenScope,
} from '../../../settings/admin-tokens.ts';
import { parseTimeMs } from '../../../settings/values.ts';
import { print, printError, settingsFrom, type ExitCode, type SettingFlags } from '../context.ts';

export interface NewTokenFlags {
  readonly name: string;
  readonly scope: TokenScope;
  /** How long it opens anything, e.g. `90d`. */
  readonly expiresIn?: string;
  /** Where its line goes; absent: it is shown. */
  readonly file?: string;
}

/** The token goes to stdout, once and nowhere else; all that is said about it goes to stderr. */
export function newTokenCommand({ name, scope, expiresIn, file }: NewTokenFlags): ExitCode {
  if (!isTokenName(name)) {
    printError(
      `silverback: a name has at most 64 letters, digits and . _ @ -, and begins with a letter or digit`,
    );
    return 2;
  }
  const lifetimeMs = expiresIn === undefined ? undefined : parseTimeMs(expiresIn);
  if (expiresIn !== undefined && (lifetimeMs === undefined || lifetimeMs === 0)) {
    printError(`silverback: --expires-in is no time: ${expiresIn}; write 90d, 12h or 30m`);
    return 2;
  }
  const untilMs = lifetimeMs === undefined ? undefined : Date.now() + lifetimeMs;
  const token = makeToken();
  const line = tokenLine(token, { name, scope, untilMs });
  if (file === undefined) {
    printError(
      `Add this line to the file of admin_tokens; the token is shown this once:\n\n${line}\n`,
    );
  } else {
    append(file, line);
    printError(`added to ${file}; gateways with admin_tokens = ${file} know it from now on`);
  }
  print(token);
  return 0;
}

/** One write at the end of the file, which only its owner may read and write if it is new. */
function append(file: string, line: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const start = before === '' || before.endsWith('\n') ? '' : '\n';
  appendFileSync(file, `${start}${line}\n`, { mode: 0o600 });
}

export interface ListTokensFlags extends SettingFlags {
  readonly file?: string;
}

/** Names, scopes and ends; and the lines that are none, with exit code 1. */
export function listTokensCommand(flags: ListTokensFlags): ExitCode {
  const file = flags.file ?? settingsFrom(flags).settings.adminTokensFile;
  if (file === undefined) {
    printError('silverback: which file? Give --file, or set admin_tokens');
    return 2;
  }
  const { tokens, problems } = parseTokenLines(readFileSync(file, 'utf8'));
  for (const token of tokens) print(describe(token));
  for (const problem of problems) printError(`silverback: ${file}: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

function describe({ name, scope, untilMs }: AdminToken): string {
  if (untilMs === undefined) return `${name}  ${scope}`;
  const verb = untilMs <= Date.now() ? 'ended' : 'until';
  return `${name}  ${scope}  ${verb} ${new Date(untilMs).toISOString()}`;
}
