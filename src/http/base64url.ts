/** Strict base64url (RFC 4648 section 5). Node's own decoder skips what it does not know. */

const ALPHABET_AND_PADDING = /^[A-Za-z0-9_-]*={0,2}$/;

/**
 * Decodes base64url text. Up to two `=` at the end are accepted, as Kong does; RFC 7515 has none.
 * @returns `undefined` for any other character or an impossible length
 */
export function decodeBase64url(text: string): Buffer | undefined {
  if (!ALPHABET_AND_PADDING.test(text) || sextetsOf(text) % 4 === 1) return undefined;
  return Buffer.from(text, 'base64url');
}

/** Characters whose lower four, or two, bits are zero. */
const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

/** True when the unused bits of the last character are zero: no other text means these bytes. Only for text that decodes. */
export function isCanonicalBase64url(text: string): boolean {
  const sextets = sextetsOf(text);
  const last = text.charAt(sextets - 1);
  if (sextets % 4 === 2) return LAST_OF_TWO.includes(last);
  return sextets % 4 !== 3 || LAST_OF_THREE.includes(last);
}

function sextetsOf(text: string): number {
  const padding = text.indexOf('=');
  return padding === -1 ? text.length : padding;
}
