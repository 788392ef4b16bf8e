/** Byte strings (one character per byte, as Node gives header fields) and the text they hold. */

const ASCII = /^[\u0000-\u007f]*$/;

/**
 * Reads a byte string as UTF-8. Bytes that are no UTF-8 become U+FFFD, so that they equal no text
 * of the config by accident.
 */
export function textOfBytes(bytes: string): string {
  return ASCII.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The UTF-8 bytes of a text, as a byte string. */
export function bytesOfText(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
