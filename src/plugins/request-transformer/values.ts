/** What expressions in templates work on: Lua's values, as far as requests have them. */

export type Value = string | number | boolean | undefined | Table;

/** Read by name, or by number from 1 on. */
export interface Table {
  get(key: string | number): Value;
  /** The elements of a list. */
  readonly items?: readonly Value[];
}

export const isTable = (value: Value): value is Table => typeof value === 'object';

/** Only `nil` and `false` are not. */
export const isTruthy = (value: Value): boolean => value !== undefined && value !== false;

export function typeOf(value: Value): string {
  if (value === undefined) return 'nil';
  return isTable(value) ? 'table' : typeof value;
}

/** As a template shows it: nothing for `nil`, `false` and what is no text; a list with commas. */
export function textOf(value: Value): string {
  if (value === undefined || value === false) return '';
  if (isTable(value)) return (value.items ?? []).map(textOf).join(', ');
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

/** 14 significant digits, as Lua's `%.14g`. */
const formatNumber = (value: number): string => String(Number(value.toPrecision(14)));

const NUMBER = /^\s*[-+]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*$/;

/** A number, or the one that a text spells. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !NUMBER.test(value)) return undefined;
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/.exec(value.trim()) ?? [];
  return sign === '-' ? -Number(digits) : Number(digits);
}

export const listTable = (items: readonly Value[]): Table => ({
  items,
  get: (key) => (typeof key === 'number' ? items[key - 1] : undefined),
});

/** A value that a plugin shares with others; of objects only what they have of their own. */
export function valueOf(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (Array.isArray(value)) return listTable(value.map(valueOf));
  if (typeof value !== 'object' || value === null) return undefined;
  return {
    get: (key) => (Object.hasOwn(value, key) ? valueOf(Reflect.get(value, key)) : undefined),
  };
}
