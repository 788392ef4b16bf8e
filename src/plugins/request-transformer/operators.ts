/** Lua's operators. What Lua would fail at has `nil` for a result. */
import { bytesOfText } from '../../http/bytes.ts';
import { isTable, isTruthy, numberOf, textOf, type Value } from './values.ts';

export function applyUnary(sign: string, value: Value): Value {
  switch (sign) {
    case 'not':
      return !isTruthy(value);
    case '-': {
      const number = numberOf(value);
      return number === undefined ? undefined : -number;
    }
    default:
      return lengthOf(value);
  }
}

/** `#`: the bytes of a text, the elements of a list. */
function lengthOf(value: Value): Value {
  if (typeof value === 'string') return bytesOfText(value).length;
  return isTable(value) ? (value.items?.length ?? 0) : undefined;
}

export function applyBinary(sign: string, left: Value, right: Value): Value {
  switch (sign) {
    case '==':
      return left === right;
    case '~=':
      return left !== right;
    case '..':
      return textOf(left) + textOf(right);
    case '<':
      return isLess(left, right);
    case '>':
      return isLess(right, left);
    case '<=':
      return isLess(left, right) || (isComparable(left, right) && left === right);
    case '>=':
      return isLess(right, left) || (isComparable(left, right) && left === right);
    default:
      return calculate(sign, numberOf(left), numberOf(right));
  }
}

const isComparable = (left: Value, right: Value): boolean =>
  typeof left === typeof right && (typeof left === 'number' || typeof left === 'string');

function isLess(left: Value, right: Value): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return typeof left === 'string' && typeof right === 'string' && left < right;
}

function calculate(sign: string, left: number | undefined, right: number | undefined): Value {
  if (left === undefined || right === undefined) return undefined;
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      // Lua's remainder has the sign of the divisor.
      return left - Math.floor(left / right) * right;
  }
}
