/** The files that a plugin was made of, as they were read. */
import { isAbsolute, relative } from 'node:path';
import type { SourceRange } from '../errors.ts';

export class SourceFiles {
  readonly #texts = new Map<string, string | undefined>();
  #entry: string | undefined = undefined;

  add(path: string, text: string | undefined): void {
    this.#entry ??= path;
    this.#texts.set(path, text);
  }

  /** The first of them. */
  get entry(): string {
    return this.#entry ?? '/';
  }

  get texts(): ReadonlyMap<string, string | undefined> {
    return this.#texts;
  }
}

/** A stretch of one line of a file. */
export function placeIn(
  path: string,
  start: { readonly line: number; readonly column: number; readonly length: number },
): SourceRange {
  const { line, column, length } = start;
  return { file: shownPath(path), line, column, endLine: line, endColumn: column + length };
}

/** As a person would write it from where the program runs. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}
