/** What is expected, held against what came. */
import { isDeepStrictEqual } from 'node:util';
import { isFields } from '../../config/checks/field-issue.ts';
import type { ConfigPath } from '../../errors.ts';
import { maskTokens } from '../../http/mask.ts';
import { headerValues, type HeaderList } from '../../http/headers.ts';
import type { BodyExpectation, HeaderExpectations, TextExpectation } from './test-file.ts';

/** One expectation that is not met. */
export interface Mismatch {
  /** Below the expectation. */
  readonly path: ConfigPath;
  /** `status`, `header X-A`, `body.items[0].id`. */
  readonly subject: string;
  readonly expected: string;
  readonly got: string;
}

const LENGTH_MAX = 300;

/** A value in one line. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = maskTokens(JSON.stringify(value));
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
}

/** Equal, or a mismatch. */
export function compareValue(subject: string, expected: unknown, got: unknown): Mismatch[] {
  if (isDeepStrictEqual(expected, got)) return [];
  const [wanted, found] =
    typeof expected === 'string' && typeof got === 'string'
      ? fromDifference(expected, got)
      : [expected, got];
  return [{ path: [], subject, expected: shown(wanted), got: shown(found) }];
}

/** So much of what is the same is shown before the difference. */
const LEAD = 30;

function fromDifference(a: string, b: string): readonly [string, string] {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  if (Math.max(a.length, b.length) < LENGTH_MAX || start <= LEAD) return [a, b];
  return [`…${a.slice(start - LEAD)}`, `…${b.slice(start - LEAD)}`];
}

/** @param got `undefined`: it is not there */
export function compareText(
  subject: string,
  expected: TextExpectation,
  got: string | undefined,
): Mismatch[] {
  if (expected === null) {
    return got === undefined ? [] : [{ path: [], subject, expected: 'nothing', got: shown(got) }];
  }
  if (typeof expected === 'string') return compareValue(subject, expected, got);
  return compareParts(subject, expected, got);
}

function compareParts(
  subject: string,
  {
    matches,
    contains,
  }: { readonly matches?: string | undefined; readonly contains?: string | undefined },
  got: string | undefined,
): Mismatch[] {
  const found: Mismatch[] = [];
  if (matches !== undefined && (got === undefined || !new RegExp(matches, 'u').test(got))) {
    found.push({ path: ['matches'], subject, expected: `a match of ${matches}`, got: shown(got) });
  }
  if (contains !== undefined && got?.includes(contains) !== true) {
    const expected = `a text with ${shown(contains)}`;
    found.push({ path: ['contains'], subject, expected, got: shown(got) });
  }
  return found;
}

/** Several lines of one name count as one, with commas between (RFC 9110 section 5.3). */
export function compareHeaders(
  expected: HeaderExpectations,
  list: Readonly<HeaderList>,
): Mismatch[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const values = headerValues(list, name.toLowerCase());
    const got = values.length === 0 ? undefined : values.join(', ');
    return below([name], compareText(`header ${name}`, wanted, got));
  });
}

export function compareBody(expected: BodyExpectation, body: Buffer): Mismatch[] {
  const text = body.toString('utf8');
  if (expected === null) return compareValue('body', '', text);
  if (typeof expected === 'string') return compareValue('body', expected, text);
  const { json } = expected;
  const inJson = json === undefined ? [] : below(['json'], compareJson('body', json, parsed(text)));
  return [...compareParts('body', expected, text), ...inJson];
}

/** What is no JSON is compared as the text it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every member that is named must be there with that value; lists and all else must be equal. */
export function compareJson(subject: string, expected: unknown, got: unknown): Mismatch[] {
  if (isFields(expected) && isFields(got)) {
    return Object.entries(expected).flatMap(([name, wanted]) => {
      const value = Object.hasOwn(got, name) ? got[name] : undefined;
      if (wanted === null && value === undefined) return [];
      return below([name], compareJson(`${subject}.${name}`, wanted, value));
    });
  }
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    return expected.flatMap((wanted: unknown, i) =>
      below([i], compareJson(`${subject}[${i}]`, wanted, got[i])),
    );
  }
  return compareValue(subject, expected, got);
}

/** The mismatches of a member of an expectation. */
export const below = (path: ConfigPath, list: readonly Mismatch[]): Mismatch[] =>
  list.map((mismatch) => ({ ...mismatch, path: [...path, ...mismatch.path] }));
