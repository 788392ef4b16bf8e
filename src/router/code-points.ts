/** Sets of Unicode code points, as sorted flat lists `[low, high, low, high, …]` without overlaps. */

export type CodePoints = readonly number[];

export const NOTHING: CodePoints = [];
export const LAST = 0x10ffff;
const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xdfff;

/** Sorts, joins and so makes a set of any list of pairs. */
export function codePoints(pairs: readonly number[]): CodePoints {
  const ranges: [number, number][] = [];
  for (let i = 0; i < pairs.length; i += 2) ranges.push([pairs[i] ?? 0, pairs[i + 1] ?? 0]);
  ranges.sort((a, b) => a[0] - b[0]);
  const set: number[] = [];
  for (const [low, high] of ranges) {
    const end = set.at(-1) ?? -2;
    if (low > end + 1) set.push(low, high);
    else if (high > end) set[set.length - 1] = high;
  }
  return set;
}

export const union = (a: CodePoints, b: CodePoints): CodePoints => codePoints([...a, ...b]);

export function complement(set: CodePoints): CodePoints {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    const low = set[i] ?? 0;
    if (low > next) result.push(next, low - 1);
    next = (set[i + 1] ?? 0) + 1;
  }
  if (next <= LAST) result.push(next, LAST);
  return result;
}

export const intersection = (a: CodePoints, b: CodePoints): CodePoints =>
  complement(union(complement(a), complement(b)));

export const difference = (a: CodePoints, b: CodePoints): CodePoints =>
  intersection(a, complement(b));

export function overlaps(a: CodePoints, b: CodePoints): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if ((a[i + 1] ?? 0) < (b[j] ?? 0)) i += 2;
    else if ((b[j + 1] ?? 0) < (a[i] ?? 0)) j += 2;
    else return true;
  }
  return false;
}

const known = new Map<string, CodePoints>();

/** The set of a one-character JS class such as `\p{Nd}`. Computed once per process; throws SyntaxError. */
export function setOf(source: string): CodePoints {
  const cached = known.get(source);
  if (cached !== undefined) return cached;
  const runs = new RegExp(`(?:${source})+`, 'gu');
  const pairs: number[] = [];
  for (const { index, 0: run } of everyCharacter().matchAll(runs)) {
    pairs.push(codePointAt(index), codePointAt(index + run.length - 1));
  }
  const set = codePoints(pairs);
  known.set(source, set);
  return set;
}

/** Every code point but the surrogates, in order. Not kept: four megabytes. */
function everyCharacter(): string {
  const parts: string[] = [];
  for (let block = 0; block <= LAST; block += 0x800) {
    if (block >= SURROGATES_FROM && block <= SURROGATES_TO) continue;
    parts.push(String.fromCodePoint(...Array.from({ length: 0x800 }, (_, i) => block + i)));
  }
  return parts.join('');
}

/** The code point at a UTF-16 index of `everyCharacter()`. */
function codePointAt(index: number): number {
  if (index < SURROGATES_FROM) return index;
  const afterGap = index + 0x800;
  return afterGap <= 0xffff ? afterGap : 0x10000 + ((afterGap - 0x10000) >> 1);
}

/** Adds every character that differs from a member only by case (Unicode simple folding). */
export function foldCase(set: CodePoints): CodePoints {
  const extra: number[] = [];
  const isAscii = (set.at(-1) ?? 0) <= 0x7f;
  for (const orbit of isAscii ? ASCII_ORBITS : caseOrbits()) {
    if (!orbit.some((point) => overlaps(set, [point, point]))) continue;
    for (const point of orbit) extra.push(point, point);
  }
  return extra.length === 0 ? set : codePoints([...set, ...extra]);
}

/** Two ASCII letters have a third form outside: the Kelvin sign and the long s. */
const ASCII_ORBITS: readonly (readonly number[])[] = Array.from({ length: 26 }, (_, i) => {
  const others = new Map([
    [0x4b, [0x212a]],
    [0x53, [0x17f]],
  ]);
  return [0x41 + i, 0x61 + i, ...(others.get(0x41 + i) ?? [])];
});

let orbits: readonly (readonly number[])[] | undefined;

/** Groups of characters equal but for case. The `iu` flags decide; upper and lower only propose. */
function caseOrbits(): readonly (readonly number[])[] {
  if (orbits !== undefined) return orbits;
  const groups = new Map<string, number[]>();
  const cased = setOf(String.raw`\p{Changes_When_Casemapped}`);
  for (let i = 0; i < cased.length; i += 2) {
    for (let point = cased[i] ?? 0; point <= (cased[i + 1] ?? 0); point++) {
      const character = String.fromCodePoint(point);
      const key = foldingKey(character);
      if (!new RegExp(`^\\u{${point.toString(16)}}$`, 'iu').test(key)) continue;
      groups.set(key, [...(groups.get(key) ?? []), point]);
    }
  }
  orbits = [...groups.values()].filter((group) => group.length > 1);
  return orbits;
}

function foldingKey(character: string): string {
  const upper = character.toUpperCase();
  const lower = (isOne(upper) ? upper : character).toLowerCase();
  return isOne(lower) ? lower : character;
}

const isOne = (text: string): boolean => String.fromCodePoint(text.codePointAt(0) ?? 0) === text;
