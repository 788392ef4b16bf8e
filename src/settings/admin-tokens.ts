/** Tokens of the Admin API at rest: one line each, `name scope sha256:…`, and how a new one is made. */
import { createHash, randomBytes } from 'node:crypto';

/** What the bearer may do: look, or look and change. */
export type TokenScope = 'read' | 'write';

export interface AdminToken {
  /** Who it was given to; two lines may share a name while one replaces the other. */
  readonly name: string;
  readonly scope: TokenScope;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
  /** Milliseconds since the epoch; from then on it opens nothing. */
  readonly untilMs: number | undefined;
}

export interface TokenLines {
  readonly tokens: readonly AdminToken[];
  /** One sentence a line that is none; never what stands in it, which could be a token. */
  readonly problems: readonly string[];
}

const TOKENS_MAX = 1000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;
const DIGEST = /^sha256:([0-9a-f]{64})$/;
const UNTIL = /^until:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/;
const USAGE =
  "must be `NAME read|write sha256:…`, with `until:YYYY-MM-DDTHH:MM:SSZ` after it if it ends; make one with 'silverback admin token new'";

/** So that scanners for leaked secrets know one when they see it. */
const PREFIX = 'sba_';
const TOKEN_BYTES = 32;
const MADE = /^sba_[A-Za-z0-9_-]{43}$/;

export const isTokenName = (text: string): boolean => NAME.test(text);

/** A token of the form that this program makes: nobody can guess one. */
export const isMadeToken = (token: string): boolean => MADE.test(token);

/**
 * The digest a token is known by. A fast hash is right here: tokens are 256 random bits, so there
 * is nothing to try out, and a slow one would let strangers keep the process busy.
 */
export const tokenDigest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A new token: 256 random bits. */
export const makeToken = (): string => PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');

/** The line to keep of a token; the token cannot be had from it. */
export function tokenLine(
  token: string,
  { name, scope, untilMs }: Omit<AdminToken, 'digest'>,
): string {
  const words = [name, scope, `sha256:${tokenDigest(token).toString('hex')}`];
  if (untilMs !== undefined) words.push(`until:${new Date(untilMs).toISOString().slice(0, 19)}Z`);
  return words.join(' ');
}

/** Reads a file of tokens: `#` begins a comment. Lines with mistakes are left out and named. */
export function parseTokenLines(text: string): TokenLines {
  const tokens: AdminToken[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.replace(/#.*$/, '').split(/\s+/).filter(Boolean);
    if (words.length === 0) continue;
    const token = parseWords(words);
    if (token === undefined) problems.push(`line ${index + 1} ${USAGE}`);
    else if (tokens.length === TOKENS_MAX) {
      problems.push(`line ${index + 1}: there are more than ${TOKENS_MAX} tokens`);
      break;
    } else tokens.push(token);
  }
  return { tokens, problems };
}

function parseWords([name = '', scope, hash = '', until, ...rest]: readonly string[]):
  AdminToken | undefined {
  const hex = DIGEST.exec(hash)?.[1];
  if (!isTokenName(name) || (scope !== 'read' && scope !== 'write')) return undefined;
  if (hex === undefined || rest.length > 0) return undefined;
  const untilMs = until === undefined ? undefined : Date.parse(UNTIL.exec(until)?.[1] ?? '');
  if (Number.isNaN(untilMs)) return undefined;
  return { name, scope, digest: Buffer.from(hex, 'hex'), untilMs };
}
