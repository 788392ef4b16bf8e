/** What an upstream says was used: `video=2, image=1` (Kong: the header named by `header_name`). */
import { headerValues, type HeaderList } from '../../http/headers.ts';

/** The amounts by name, of the limits that there are; what cannot be read counts nothing. */
export function readUsage(
  headers: Readonly<HeaderList>,
  lowerName: string,
  names: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const line of headerValues(headers, lowerName)) {
    for (const part of line.split(',')) {
      const [name = '', amount = '', ...rest] = part.split('=').map((text) => text.trim());
      const count = amount === '' ? Number.NaN : Number(amount);
      if (rest.length === 0 && names.has(name) && Number.isFinite(count)) used.set(name, count);
    }
  }
  return used;
}
