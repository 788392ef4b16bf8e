/** SB2008: a private key in a field that needs a public one: whoever reads the config can sign. */
import { at, type Place, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

const PRIVATE = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

export const misplacedPrivateKey: Rule = {
  code: 'SB2008',
  check: ({ entities }) =>
    publicFields(entities)
      .filter(([text]) => text !== null && PRIVATE.test(text))
      .map(([, place, what]) => ({
        message: `a private key stands where ${what} belongs`,
        help: 'put the public half there (`openssl pkey -pubout`), and replace the key if others could read it',
        at: place,
      })),
};

function publicFields(entities: LintView['entities']): (readonly [string | null, Place, string])[] {
  return [
    ...entities.jwt_secrets.map(
      (entity) => [entity.rsa_public_key, at(entity, 'rsa_public_key'), 'a public key'] as const,
    ),
    ...entities.keys.map(
      (entity) =>
        [entity.pem?.public_key ?? null, at(entity, 'pem', 'public_key'), 'a public key'] as const,
    ),
    ...entities.certificates.flatMap((entity) => [
      [entity.cert, at(entity, 'cert'), 'a certificate'] as const,
      [entity.cert_alt, at(entity, 'cert_alt'), 'a certificate'] as const,
    ]),
    ...entities.ca_certificates.map(
      (entity) => [entity.cert, at(entity, 'cert'), 'a certificate'] as const,
    ),
  ];
}
