/** The functions of Lua that expressions may call. None of them fails, whatever it is given. */
import { bytesOfText, textOfBytes } from '../../http/bytes.ts';
import { numberOf, textOf, typeOf, type Value } from './values.ts';

export type LuaFunction = (...args: readonly Value[]) => Value;

/** By the names they are called with; those of `string` also as methods of a text. */
const FUNCTIONS: ReadonlyMap<string, LuaFunction> = new Map<string, LuaFunction>([
  ['type', (value) => typeOf(value)],
  [
    'tostring',
    (value) => (value === undefined ? 'nil' : value === false ? 'false' : textOf(value)),
  ],
  ['tonumber', (value) => numberOf(value)],
  ['string.lower', (value) => textOf(value).toLowerCase()],
  ['string.upper', (value) => textOf(value).toUpperCase()],
  ['string.len', (value) => bytesOfText(textOf(value)).length],
  ['string.sub', sub],
  ['string.format', format],
]);

export const functionNamed = (name: string): LuaFunction | undefined => FUNCTIONS.get(name);

export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()];

/** From one byte to another, both counted from 1, or from the end when negative. */
function sub(value: Value, from: Value, to: Value): Value {
  const bytes = bytesOfText(textOf(value));
  const first = numberOf(from) ?? 1;
  const last = numberOf(to) ?? -1;
  const start = first < 0 ? Math.max(bytes.length + first, 0) : Math.max(first - 1, 0);
  const end = last < 0 ? bytes.length + last + 1 : last;
  return textOfBytes(bytes.slice(start, Math.max(end, start)));
}

/** `%s`, `%d` and `%%`; anything else stays as it is written. */
function format(pattern: Value, ...values: readonly Value[]): Value {
  let next = 0;
  return textOf(pattern).replaceAll(/%([sd%])/g, (_, kind: string) => {
    if (kind === '%') return '%';
    const value = values[next++];
    return kind === 's' ? textOf(value) : textOf(Math.trunc(numberOf(value) ?? 0));
  });
}
