/** Which line of a text is indented wrongly: the one that makes the text readable when it is moved. */
import { YAMLException, parseEvents } from 'js-yaml';

interface Misplaced {
  /** Counts from 0. */
  readonly line: number;
  /** Where it should begin; counts from 0. */
  readonly indent: number;
}

/** Lines read after the complaint: they tell which of two lines is the odd one. */
const LINES_AFTER = 40;
const LINES_BEFORE = 400;
/** Characters: a trial costs as much as reading them. */
const SEGMENT_MAX = 40_000;
const SHIFTS: readonly number[] = [-1, 1, -2, 2, -3, 3, -4, 4];

/** Tries to move the line of the complaint or one of the two above. @param source.line counts from 0 */
export function findMisplacedLine(source: {
  readonly lines: readonly string[];
  readonly line: number;
}): Misplaced | undefined {
  const { lines, line } = source;
  const from = segmentStart(lines, line);
  const segment = lines.slice(from, line + LINES_AFTER);
  if (segment.join('\n').length > SEGMENT_MAX) return undefined;
  const unit = indentUnit(segment);
  let best: (Misplaced & { readonly score: number }) | undefined;
  for (const number of candidates(segment, line - from)) {
    const text = segment[number] ?? '';
    const indent = text.length - text.trimStart().length;
    for (const shift of SHIFTS) {
      if (indent + shift < 0) continue;
      const moved = ' '.repeat(indent + shift) + text.trimStart();
      const reach = reachOf(segment.with(number, moved));
      if (reach <= line - from) continue;
      // Far is good, a column of the file's own unit too; then the smallest move of the nearest line.
      const isOdd = indent % unit !== 0;
      const fits = (indent + shift) % unit === 0;
      const score =
        Math.min(reach, segment.length) * 100 +
        (fits ? 40 : 0) +
        (isOdd ? 20 : 0) -
        Math.abs(shift) * 3 -
        (line - from - number);
      if (best === undefined || score > best.score) {
        best = { line: from + number, indent: indent + shift, score };
      }
    }
  }
  return best;
}

/** The last line before that begins at the margin, so that the segment is a document of its own. */
function segmentStart(lines: readonly string[], line: number): number {
  let start = Math.max(0, line - 1);
  while (start > 0 && line - start < LINES_BEFORE && !/^[^\s#-]/.test(lines[start] ?? '')) start--;
  return start;
}

/** The line itself and the two before it that say something. */
function candidates(lines: readonly string[], line: number): number[] {
  const found: number[] = [];
  for (let number = line; number >= 0 && found.length < 3; number--) {
    if (!/^\s*(?:#.*)?$/.test(lines[number] ?? '')) found.push(number);
  }
  return found;
}

/** The number of lines that can be read; past the last one when all can. */
function reachOf(lines: readonly string[]): number {
  try {
    parseEvents(lines.join('\n'), { maxDepth: 100 });
    return lines.length + 1;
  } catch (error) {
    if (error instanceof YAMLException) return error.mark?.line ?? 0;
    throw error;
  }
}

/** The smallest step between two indentations that follow each other. */
function indentUnit(lines: readonly string[]): number {
  const steps = new Map<number, number>();
  let before = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const indent = line.length - line.trimStart().length;
    if (indent > before) steps.set(indent - before, (steps.get(indent - before) ?? 0) + 1);
    before = indent;
  }
  const [most] = [...steps].toSorted((a, b) => b[1] - a[1]);
  return Math.max(1, most?.[0] ?? 2);
}
