/** JWT or opaque: what decides whether a token is verified here or introspected. */
import { decodeBase64url } from '../../http/base64url.ts';
import { isObject, memberOf, parseJson } from '../../http/json.ts';

/**
 * True for three parts of which the first two are JSON objects and the first names an `alg`. Such a
 * token is never introspected, even when nothing else about it is right (`alg: none`, a signature
 * that is none): what claims to be signed must prove it.
 */
export function looksLikeJws(token: string): boolean {
  const [header = '', payload = '', ...rest] = token.split('.', 4);
  if (rest.length !== 1 || header === '' || payload === '') return false;
  const members = objectIn(header);
  return typeof memberOf(members, 'alg') === 'string' && objectIn(payload) !== undefined;
}

function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64url(part);
  const value = bytes === undefined ? undefined : parseJson(bytes)?.value;
  return isObject(value) ? value : undefined;
}
