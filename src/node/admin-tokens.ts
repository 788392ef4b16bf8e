/** The file of named admin tokens: checked at start, read again at each request. */
import { open, stat } from 'node:fs/promises';
import { SettingsError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { parseTokenLines, type AdminToken, type TokenLines } from '../settings/admin-tokens.ts';

/** Of the file; a thousand lines with long names and comments. */
const BYTES_MAX = 512 * 1024;
/** Written by the group or by everybody. */
const FOREIGN_WRITERS = 0o022;

/** The tokens as they are now. Never rejects: a file that cannot be read opens nothing. */
export type TokenSource = () => Promise<readonly AdminToken[]>;

/**
 * Checks the file and gives what reads it from then on. Rejects with SettingsError when it cannot be
 * read or has lines that are none; later mistakes are logged, and only the good lines count.
 */
export async function openTokens(path: string | undefined, log: Logger): Promise<TokenSource> {
  if (path === undefined) return () => Promise.resolve([]);
  const first = await read(path).catch((cause: unknown) => {
    throw new SettingsError([
      `admin_tokens: ${messageOf(cause)}; make the file with 'silverback admin token new --file'`,
    ]);
  });
  const { problems, tokens } = parseTokenLines(first);
  if (problems.length > 0) {
    throw new SettingsError(problems.map((problem) => `admin_tokens: ${path}: ${problem}`));
  }
  if (tokens.length === 0) log.warn({ path }, 'admin_tokens has no token: nobody gets in');
  await warnOfWriters(path, log);
  return createSource(path, log, { text: first, lines: { tokens, problems } });
}

interface Known {
  readonly text: string | undefined;
  readonly lines: TokenLines;
}

function createSource(path: string, log: Logger, first: Known): TokenSource {
  let known = first;
  return async () => {
    const text = await read(path).catch((err: unknown) => {
      if (known.text !== undefined)
        log.error({ err }, 'admin_tokens cannot be read: nobody gets in');
      return undefined;
    });
    if (text === known.text) return known.lines.tokens;
    known = { text, lines: parseTokenLines(text ?? '') };
    for (const problem of known.lines.problems) log.error({ path }, `admin_tokens: ${problem}`);
    if (text !== undefined) log.info({ path }, 'admin_tokens changed and was read again');
    return known.lines.tokens;
  };
}

/** The text, whole. A file that is too long cannot be read, either. */
async function read(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > BYTES_MAX) throw new Error(`${path} is longer than ${BYTES_MAX} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function warnOfWriters(path: string, log: Logger): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & FOREIGN_WRITERS) === 0) return;
  log.warn(
    { path },
    'admin_tokens may be written by others, who could let themselves in: chmod go-w',
  );
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);
