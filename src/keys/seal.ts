/** Encryption of stored keysets: AES-256-GCM, bound to the name, so that no record can stand in for another. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeysetError } from '../errors.ts';
import { isObject, parseJson } from '../http/json.ts';
import type { KeyStore, Stored } from './store.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The store behind encryption. What was stored in the clear before is still read, and is encrypted
 * when it is written next; without a key nothing encrypted is read.
 * @param key 32 bytes, or `undefined` to store in the clear
 */
export function sealed(store: KeyStore, key: Buffer | undefined): KeyStore {
  return {
    ...store,
    async read(name) {
      const stored = await store.read(name);
      return stored.text === undefined ? stored : open(stored, name, key);
    },
    write(name, version, text) {
      const sealedText = text === undefined || key === undefined ? text : seal(text, name, key);
      return store.write(name, version, sealedText);
    },
  };
}

function seal(text: string, name: string, key: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return JSON.stringify({
    sealed: CIPHER,
    nonce: nonce.toString('base64'),
    data: data.toString('base64'),
  });
}

function open({ version, text = '' }: Stored, name: string, key: Buffer | undefined): Stored {
  const value = parseJson(Buffer.from(text))?.value;
  if (!isObject(value) || !Object.hasOwn(value, 'sealed')) return { version, text };
  const { sealed: cipher, nonce, data } = value;
  if (cipher !== CIPHER || typeof nonce !== 'string' || typeof data !== 'string') {
    throw new KeysetError(`keyset ${name} is encrypted in a way that is not known here`);
  }
  if (key === undefined) {
    throw new KeysetError(`keyset ${name} is encrypted; set SILVERBACK_DATA_KEY to its key`);
  }
  const bytes = Buffer.from(data, 'base64');
  try {
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(nonce, 'base64'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = [decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()];
    return { version, text: Buffer.concat(plain).toString('utf8') };
  } catch (cause) {
    throw new KeysetError(
      `keyset ${name} cannot be decrypted: SILVERBACK_DATA_KEY is not its key, or it was changed`,
      { cause },
    );
  }
}
