/** SB2007: a credential of an algorithm with key pairs, without a key: none of its tokens can ever be valid. */
import { at, type Rule } from '../rule.ts';

export const credentialWithoutKey: Rule = {
  code: 'SB2007',
  check: ({ entities }) =>
    entities.jwt_secrets
      .filter((secret) => !secret.algorithm.startsWith('HS') && secret.rsa_public_key === null)
      .map((secret) => ({
        message: `this ${secret.algorithm} credential has no public key: every token of it is refused`,
        help: "set 'rsa_public_key' to the PEM public key (the field serves every kind of key)",
        at: at(secret, 'algorithm'),
      })),
};
