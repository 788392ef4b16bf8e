/** SB2005: HMAC secrets shorter than the hash they feed (RFC 7518 section 3.2), open to guessing offline. */
import type { JwtSecret } from '../../config/types.ts';
import { decodeBase64url } from '../../http/base64url.ts';
import { settingOf } from '../plugin-view.ts';
import { at, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

const HASH_BYTES: ReadonlyMap<string, number> = new Map([
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
]);

export const shortHmacSecret: Rule = {
  code: 'SB2005',
  check: (view) =>
    view.entities.jwt_secrets.flatMap((secret) => {
      const needed = HASH_BYTES.get(secret.algorithm);
      // One that the load made up is another rule's.
      if (needed === undefined || !view.isWritten(secret, 'secret')) return [];
      const bytes = lengthOf(secret, view);
      if (bytes >= needed) return [];
      return {
        message: `the secret has ${bytes} bytes, less than the ${needed} of ${secret.algorithm}: whoever has a token can try to guess it`,
        help: `use ${needed} random bytes or more, e.g. of \`openssl rand -base64 ${needed}\``,
        at: at(secret, 'secret'),
      };
    }),
};

/** The shortest that any jwt entry makes of it. */
function lengthOf({ secret }: JwtSecret, { plugins }: LintView): number {
  const encodings = plugins.named('jwt').map((entry) => settingOf(entry, 'secret_is_base64'));
  const raw = Buffer.byteLength(secret);
  const decoded = encodings.includes(true) ? decodeBase64url(secret)?.length : undefined;
  if (decoded === undefined) return raw;
  return encodings.every((isBase64) => isBase64 === true) ? decoded : Math.min(raw, decoded);
}
