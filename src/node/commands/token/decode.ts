/** `silverback token decode`: what a token says, without believing it. */
import { parseCompact } from '../../../tokens/compact.ts';
import { print, printError, type ExitCode } from '../context.ts';
import { readToken } from './input.ts';

/** Prints header and claims; 1 when the text is no JWT. */
export function decodeCommand(argument: string): ExitCode {
  const token = readToken(argument);
  const parts = token.split('.');
  const [header, payload] = parts.slice(0, 2).map(jsonIn);
  if (parts.length !== 3 || header === undefined || payload === undefined) {
    printError(`silverback: ${whyNot(token, parts.length)}`);
    return 1;
  }
  print(`header   ${pretty(header)}`);
  print(`claims   ${pretty(payload)}`);
  for (const line of timeLines(payload, Date.now() / 1000)) print(line);
  const { fault } = parseCompact(token);
  if (fault !== undefined) print(`A gateway refuses it as it is: ${fault}.`);
  print('The signature was not verified: anybody could have written this.');
  print('`silverback token explain TOKEN --path /…` says whether a route takes it.');
  return 0;
}

function whyNot(token: string, parts: number): string {
  if (parts === 5) return 'this is an encrypted token (JWE): only its audience can read it';
  if (parts !== 3) {
    return `a JWT has three parts with dots between them, and this text of ${token.length} characters has ${parts}; an opaque token says nothing to anybody but its issuer`;
  }
  return 'the first two parts are not base64url text of JSON; was the token cut?';
}

function jsonIn(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

const pretty = (value: unknown): string =>
  JSON.stringify(value, undefined, 2)
    // JSON leaves DEL and C1 as they are, which some terminals obey.
    .replaceAll(
      /[\u007F-\u009F]/g,
      (character) => `\\u00${Buffer.from(character, 'latin1').toString('hex')}`,
    )
    .replaceAll('\n', '\n         ');

const TIMES = [
  ['iat', 'issued'],
  ['nbf', 'valid from'],
  ['exp', 'expires'],
] as const;

/** Registered times in words (RFC 7519 section 4.1). */
function timeLines(claims: unknown, now: number): string[] {
  return TIMES.flatMap(([name, word]) => {
    const value: unknown =
      typeof claims === 'object' && claims !== null ? Reflect.get(claims, name) : undefined;
    if (value === undefined) return [];
    if (typeof value !== 'number')
      return [`${name.padEnd(8)} is not a number: no gateway accepts that`];
    return [`${name.padEnd(8)} ${word} ${showTime(value, now)}`];
  });
}

/** `2026-11-25T13:00:00.000Z, 5 minutes ago`. Seconds since the epoch. */
export function showTime(seconds: number, now: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `at ${seconds} s, which no calendar has`;
  return `${date.toISOString()}, ${distance(seconds - now)}`;
}

const STEPS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

function distance(seconds: number): string {
  const size = Math.abs(seconds);
  const [length, unit] = STEPS.find(([step]) => size >= step) ?? [1, 'second'];
  const count = Math.round(size / length);
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return seconds < 0 ? `${words} ago` : `in ${words}`;
}
