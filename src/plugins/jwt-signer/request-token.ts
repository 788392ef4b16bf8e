/** Where a request carries its token, and how the token is taken out of the header. */
import type { TokenHeader } from '../../config/checks/jwt-signer.ts';
import { headerValue, type HeaderList } from '../../http/headers.ts';
import { looksLikeJws } from './classify.ts';

/** The token of a request; `undefined` when there is none. */
export type FindToken = (headers: Readonly<HeaderList>) => string | undefined;

/** `Bearer` or `Basic`, in any case, and what follows (RFC 9110 section 11.4). */
const CREDENTIALS = /^(bearer|basic)(?:[ \t]+(.*))?$/i;

/** Compiles the search for one header. Of several lines the first counts. */
export function compileTokenSearch({ name, scheme }: TokenHeader): FindToken {
  const takes = scheme === undefined ? unwrap : scheme === 'bearer' ? ofBearer : ofBasic;
  return (headers) => {
    const value = headerValue(headers, name)?.trim();
    return value === undefined || value === '' ? undefined : takes(value) || undefined;
  };
}

/** Either scheme, or none: the whole value. */
function unwrap(value: string): string | undefined {
  const match = CREDENTIALS.exec(value);
  return match === null ? value : match[2]?.trim();
}

function ofBearer(value: string): string | undefined {
  const [, scheme, token] = CREDENTIALS.exec(value) ?? [];
  return scheme?.toLowerCase() === 'bearer' ? token?.trim() : undefined;
}

/**
 * A token behind `Basic` is written as it is, or as the password of HTTP Basic (RFC 7617), which is
 * where clients put it that know no other way to log in.
 */
function ofBasic(value: string): string | undefined {
  const [, scheme, credentials] = CREDENTIALS.exec(value) ?? [];
  if (scheme?.toLowerCase() !== 'basic' || credentials === undefined) return undefined;
  const text = credentials.trim();
  if (looksLikeJws(text)) return text;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  const password = decoded.slice(decoded.indexOf(':') + 1);
  return looksLikeJws(password) ? password : decoded;
}
