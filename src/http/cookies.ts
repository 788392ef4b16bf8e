/** Request cookies as nginx reads them for `$cookie_NAME`. */
import type { HeaderList } from './headers.ts';

/**
 * The value of the first cookie with that name (lower case here, any case there), over all Cookie
 * lines. Up to the next `;`, neither decoded nor unquoted. `undefined` when there is none.
 */
export function cookieValue(headers: Readonly<HeaderList>, lowerName: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== 'cookie') continue;
    const value = valueIn(headers[i + 1] ?? '', lowerName);
    if (value !== undefined) return value;
  }
  return undefined;
}

function valueIn(line: string, lowerName: string): string | undefined {
  let start = 0;
  while (start < line.length) {
    start = skipSpaces(line, start);
    const equals = skipSpaces(line, start + lowerName.length);
    if (line[equals] === '=' && isNameAt(line, start, lowerName)) {
      const end = line.indexOf(';', equals);
      return line.slice(skipSpaces(line, equals + 1), end === -1 ? line.length : end);
    }
    start = nextCookie(line, start);
  }
  return undefined;
}

const isNameAt = (line: string, start: number, lowerName: string): boolean =>
  line.slice(start, start + lowerName.length).toLowerCase() === lowerName;

function skipSpaces(line: string, from: number): number {
  let index = from;
  while (line[index] === ' ') index++;
  return index;
}

/** Behind the next separator; nginx takes commas as well (RFC 2109). */
function nextCookie(line: string, from: number): number {
  let index = from;
  while (index < line.length && line[index] !== ';' && line[index] !== ',') index++;
  return index + 1;
}
