/**
 * Header fields as Node and undici hand them over: one flat list `[name, value, name, value, …]`,
 * names as received, values as received. No object or Map is made per request.
 * Names given to these functions are lower case; comparison ignores case (RFC 9110 section 5.1).
 */
export type HeaderList = string[];

function isName(candidate: string | undefined, lowerName: string): boolean {
  return (
    candidate !== undefined &&
    candidate.length === lowerName.length &&
    (candidate === lowerName || candidate.toLowerCase() === lowerName)
  );
}

/** The value of the first line with that name, or `undefined`. */
export function headerValue(list: Readonly<HeaderList>, lowerName: string): string | undefined {
  for (let i = 0; i < list.length; i += 2) {
    if (isName(list[i], lowerName)) return list[i + 1];
  }
  return undefined;
}

/** The values of every line with that name, in order. */
export function headerValues(list: Readonly<HeaderList>, lowerName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < list.length; i += 2) {
    if (isName(list[i], lowerName)) values.push(list[i + 1] ?? '');
  }
  return values;
}

/** Removes every line with that name, in place. */
export function removeHeader(list: HeaderList, lowerName: string): void {
  let kept = 0;
  for (let i = 0; i < list.length; i += 2) {
    if (isName(list[i], lowerName)) continue;
    if (kept !== i) {
      list[kept] = list[i] ?? '';
      list[kept + 1] = list[i + 1] ?? '';
    }
    kept += 2;
  }
  // Most lists have none: setting the length leaves compiled code, even when nothing changes.
  if (kept !== list.length) list.length = kept;
}

/** Replaces every line of that name by one, in place. `name` is written as given. */
export function setHeader(list: HeaderList, name: string, value: string): void {
  removeHeader(list, name.toLowerCase());
  list.push(name, value);
}

/** How long the fields are in HTTP/1, with the empty line behind them. Bytes. */
export function headBytes(list: Readonly<HeaderList>): number {
  let bytes = 2;
  // `: ` behind a name, and the end of the line behind a value.
  for (const text of list) bytes += text.length + 2;
  return bytes;
}
