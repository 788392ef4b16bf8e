/**
 * SB2006: secrets written into the file, which end up in a repository and its backups. One warning a
 * file: which of them it is about is in its related places.
 */
import type { Config } from '../../config/types.ts';
import { readJwk } from '../../config/checks/pem.ts';
import { count } from '../names.ts';
import { at, others, type Place, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';
import { secretSettings } from '../secret-settings.ts';

interface Secret {
  /** Of the entity. */
  readonly id: string;
  readonly field: readonly string[];
  readonly value: string | null | undefined;
}

export const inlineSecret: Rule = {
  code: 'SB2006',
  check(view) {
    const inline = secretsOf(view).filter((secret) => isInline(secret, view));
    const places = view.inOrder(inline).map((secret): Place => at(secret, ...secret.field));
    const [first, ...rest] = places;
    if (first === undefined) return [];
    const subject =
      rest.length === 0 ? 'a secret stands' : `${count(places.length, 'secret')} stand`;
    return [
      {
        message: `${subject} in this file as plain text`,
        help: "put '${NAME}' or '${file:/run/secrets/name}' in its place, or allow it for keys that are no secret",
        at: first,
        related: others(rest, 'another one'),
      },
    ];
  },
};

function isInline({ id, field, value }: Secret, view: LintView): boolean {
  if (typeof value !== 'string' || value === '') return false;
  return view.isWritten({ id }, ...field) && !view.isReference({ id }, field, value);
}

function secretsOf({ entities, plugins }: LintView): Secret[] {
  const { jwt_secrets: jwt, keyauth_credentials: keys } = entities;
  const { basicauth_credentials: basic, hmacauth_credentials: hmac } = entities;
  return [
    ...jwt
      .filter(({ algorithm }) => algorithm.startsWith('HS'))
      .map(({ id, secret }) => ({ id, field: ['secret'], value: secret })),
    ...keys.map(({ id, key }) => ({ id, field: ['key'], value: key })),
    ...basic.map(({ id, password }) => ({ id, field: ['password'], value: password })),
    ...hmac.map(({ id, secret }) => ({ id, field: ['secret'], value: secret })),
    ...keySecrets(entities),
    ...plugins.enabled.flatMap(({ id, name, config }) =>
      secretSettings(plugins.schema(name)).map((field) => ({
        id,
        field: ['config', ...field],
        value: textAt(config, field),
      })),
    ),
  ];
}

function keySecrets(entities: Config['entities']): Secret[] {
  return [
    ...entities.certificates.flatMap(({ id, key, key_alt: alternative }) => [
      { id, field: ['key'], value: key },
      { id, field: ['key_alt'], value: alternative },
    ]),
    ...entities.keys.flatMap(({ id, pem, jwk }) => [
      { id, field: ['pem', 'private_key'], value: pem?.private_key },
      { id, field: ['jwk'], value: isPrivateJwk(jwk) ? jwk : null },
    ]),
  ];
}

/** RFC 7517 section 9.3: `d` of asymmetric keys, `k` of symmetric ones. */
function isPrivateJwk(text: string | null): boolean {
  const jwk = text === null ? undefined : readJwk(text);
  return jwk !== undefined && (Object.hasOwn(jwk, 'd') || Object.hasOwn(jwk, 'k'));
}

function textAt(value: unknown, field: readonly string[]): string | undefined {
  let found = value;
  for (const name of field) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
  }
  return typeof found === 'string' ? found : undefined;
}
