/** Typed access to the merged values of the settings. */
import { HONOURED, type Property } from './properties.ts';
import type { RawValues } from './sources.ts';
import * as values from './values.ts';

/** Typed access to the values; each function reports what is wrong and goes on with something. */
export interface Reader {
  readonly problem: (text: string) => void;
  readonly text: (name: string) => string | undefined;
  /** One of the listed values; the property's default after a problem. */
  readonly choice: <T extends string>(name: string, allowed: readonly T[]) => T;
  readonly flag: (name: string) => boolean;
  readonly number: (name: string) => number | undefined;
  readonly size: (name: string) => number;
  readonly timeMs: (name: string) => number;
  readonly list: (name: string) => readonly string[];
}

/** Reads from merged values; `problem` is called once per mistake. */
export function createReader(raw: RawValues, problem: (text: string) => void): Reader {
  const textOf = (name: string): string | undefined => raw.get(name);
  const parse = <T>(
    name: string,
    kind: string,
    parser: (text: string) => T | undefined,
  ): T | undefined => {
    const text = textOf(name);
    const value = text === undefined ? undefined : parser(text);
    if (text !== undefined && value === undefined) problem(`${name} is not a ${kind}: '${text}'`);
    return value;
  };
  return {
    problem,
    text: textOf,
    choice(name, allowed) {
      const text = textOf(name) ?? HONOURED.get(name)?.default;
      const found = allowed.find((value) => value === text);
      const [first] = allowed;
      if (first === undefined) throw new TypeError(`${name} has no values`);
      if (found === undefined) {
        problem(`${name} has an invalid value: '${text}' (${allowed.join(', ')})`);
      }
      return found ?? first;
    },
    flag: (name) => values.parseBoolean(textOf(name) ?? ''),
    number(name) {
      const value = parse(name, 'number', values.parseDecimal);
      if (value !== undefined) checkRange(name, value, problem);
      return value;
    },
    size: (name) => parse(name, 'size', values.parseSize) ?? 0,
    timeMs: (name) => parse(name, 'time', values.parseTimeMs) ?? 0,
    list: (name) => values.parseList(textOf(name) ?? ''),
  };
}

function checkRange(name: string, value: number, problem: (text: string) => void): void {
  const { type, range }: Partial<Property> = HONOURED.get(name) ?? {};
  if (range === undefined) return;
  const [low, high] = range;
  if (value < low || value > high) {
    problem(
      high === Number.MAX_SAFE_INTEGER
        ? `${name} must be ${low} or greater`
        : `${name} must be an integer between ${low} and ${high}`,
    );
  } else if (type === 'integer' && !Number.isInteger(value)) {
    problem(`${name} must be an integer`);
  }
}
