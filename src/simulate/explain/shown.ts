/** What of a request may be shown: header values that authenticate somebody are masked. */
import { SECRET_MASK } from '../../config/secret-fields.ts';
import { isCredentialHeader } from '../../config/shown-config.ts';
import type { HeaderList } from '../../http/headers.ts';
import { maskTokens } from '../../http/mask.ts';
import { printable } from '../../report/frame.ts';
import type { HeaderField } from './explanation.ts';

/** @param secretNames names that plugins look for secrets in, lower case */
export function shownHeader(
  name: string,
  value: string,
  secretNames: ReadonlySet<string>,
): HeaderField {
  const lower = name.toLowerCase();
  if (lower.endsWith('authorization')) return { name, value: maskedCredential(value) };
  if (isCredentialHeader(name) || secretNames.has(lower)) return { name, value: SECRET_MASK };
  return { name, value: maskTokens(value) };
}

/** The scheme says how the client authenticates, and is no secret (RFC 9110 section 11.4). */
const maskedCredential = (value: string): string =>
  value.replace(
    /^([A-Za-z][\w-]*\s+)?.*$/s,
    (_, scheme: string | undefined) => `${scheme ?? ''}${SECRET_MASK}`,
  );

export function shownHeaders(
  list: Readonly<HeaderList>,
  secretNames: ReadonlySet<string>,
): readonly HeaderField[] {
  return Array.from({ length: list.length / 2 }, (_, i) =>
    shownHeader(list[2 * i] ?? '', list[2 * i + 1] ?? '', secretNames),
  );
}

/** Headers and claims are anybody's text: none of it may move the cursor of a terminal. */
export function printableTexts<T>(value: T): T;
export function printableTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.split('\n').map(printable).join('\n');
  if (Array.isArray(value)) return value.map((item) => printableTexts<unknown>(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      printable(name),
      printableTexts<unknown>(member),
    ]),
  );
}
