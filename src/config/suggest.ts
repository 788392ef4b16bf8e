/** Which word was probably meant: the nearest of those that would be right. */

/** Reading ten thousand candidates takes milliseconds; more would slow the report of a hostile file. */
const CANDIDATES_MAX = 10_000;
const WORD_MAX = 100;

/**
 * The candidate that `word` most likely stands for: the same letters in another spelling
 * (`strip-path`, `stripPath`), else the one within a third of its length in edits, three at most.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > WORD_MAX) return undefined;
  const plain = lettersOf(word);
  let best: string | undefined;
  let bound = Math.min(3, Math.max(1, Math.floor(plain.length / 3)));
  let left = CANDIDATES_MAX;
  for (const candidate of candidates) {
    if (left-- === 0) break;
    if (candidate === word) continue;
    const letters = lettersOf(candidate);
    if (letters === plain && plain !== '') return candidate;
    const edits = distance(plain, letters, bound);
    if (edits > bound || (edits === bound && best !== undefined)) continue;
    [best, bound] = [candidate, edits];
  }
  return best;
}

/** Comparisons in one report: enough for every document that a person wrote. */
const COMPARISONS_MAX = 100_000;

/** `nearest` for many words: when the comparisons are used up it finds nothing, rather than let the report wait. */
export function createNearest(): (
  word: string,
  candidates: ReadonlyMap<string, unknown> | ReadonlySet<string>,
) => string | undefined {
  let left = COMPARISONS_MAX;
  return (word, candidates) => {
    left -= candidates.size;
    return left > 0 ? nearest(word, candidates.keys()) : undefined;
  };
}

/** What is left when case and the signs between words do not count. */
const lettersOf = (word: string): string => word.toLowerCase().replaceAll(/[-_ .]/g, '') || word;

/**
 * Edits from one word to the other: insert, delete, replace, swap two neighbours (restricted
 * Damerau-Levenshtein, or optimal string alignment); anything above `max` where it is more than that.
 */
export function distance(from: string, to: string, max: number): number {
  if (Math.abs(from.length - to.length) > max) return max + 1;
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          (above[j - 1] ?? 0) + (isSame ? 0 : 1),
          (above[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    if (Math.min(...row) > max) return max + 1;
    [before, above] = [above, row];
  }
  return above[to.length] ?? max + 1;
}
