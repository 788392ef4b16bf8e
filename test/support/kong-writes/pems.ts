/** A public key, and two certificates with their keys. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { EXAMPLES } from '../examples.ts';

export const publicKey = readFileSync(join(EXAMPLES, 'jwt/keys/jwt-public.pem'), 'utf8');
const pairOf = async (host: string) => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
  });
  return { cert, key };
};
export const PAIR = await pairOf('a.test');
export const PAIR_2 = await pairOf('b.test');
