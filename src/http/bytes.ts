/** Byte strings (one character per byte, as Node gives header fields) and the text they hold. */

const NOT_ASCII = /[\u0080-\uffff]/;

/**
 * Reads a byte string as UTF-8. Bytes that are no UTF-8 become U+FFFD, so that they equal no text
 * of the config by accident.
 */
export function textOfBytes(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** The UTF-8 bytes of a text, as a byte string: what header values travel as, with Kong too. */
export function bytesOfText(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
