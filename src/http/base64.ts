/** Base64 (RFC 4648 section 4) as nginx reads it in credentials: padding may be missing. */

const ALPHABET = /^[A-Za-z0-9+/]*$/;

/** What stands after the first `=` is not looked at. `undefined` for any other character or an impossible length. */
export function decodeBase64(text: string): Buffer | undefined {
  const padding = text.indexOf('=');
  const digits = padding === -1 ? text : text.slice(0, padding);
  if (digits.length % 4 === 1 || !ALPHABET.test(digits)) return undefined;
  return Buffer.from(digits, 'base64');
}
