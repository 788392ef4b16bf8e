/** SB2004: RSA keys of less than 2048 bits, which can be factored (RFC 7518 section 3.3, NIST SP 800-131A). */
import type { KeyObject } from 'node:crypto';
import { publicKeysOf } from '../key-material.ts';
import type { Rule } from '../rule.ts';

const BITS_MIN = 2048;

export const shortRsaKey: Rule = {
  code: 'SB2004',
  check: (view) =>
    publicKeysOf(view.entities).flatMap(({ key, place }) => {
      const bits = rsaBits(key);
      if (bits === undefined || bits >= BITS_MIN) return [];
      return {
        message: `an RSA key of ${bits} bits can be broken`,
        help: `make one of ${BITS_MIN} bits or more, or an EC key`,
        at: place,
      };
    }),
};

const rsaBits = ({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): number | undefined =>
  type === 'rsa' || type === 'rsa-pss' ? details?.modulusLength : undefined;
