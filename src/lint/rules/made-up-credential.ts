/** SB2011: credentials whose secret the load draws: another one at each load and on each node, known to nobody. */
import { at, type Place, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

export const madeUpCredential: Rule = {
  code: 'SB2011',
  check: (view) =>
    candidates(view)
      .filter(({ entity, field }) => !view.isWritten(entity, field))
      .map(({ entity, field }) => ({
        message: `'${field}' is not set: each load and each node draws its own, so no client can know it`,
        help: `set '${field}'`,
        at: placeOf(entity),
      })),
};

interface Drawn {
  readonly entity: { readonly id: string };
  readonly field: string;
}

function candidates({ entities }: LintView): Drawn[] {
  return [
    ...entities.jwt_secrets.flatMap((entity) => [
      { entity, field: 'key' },
      // The other algorithms have no use for it.
      ...(entity.algorithm.startsWith('HS') ? [{ entity, field: 'secret' }] : []),
    ]),
    ...entities.keyauth_credentials.map((entity) => ({ entity, field: 'key' })),
    ...entities.hmacauth_credentials.map((entity) => ({ entity, field: 'secret' })),
  ];
}

const placeOf = (entity: Drawn['entity']): Place => at(entity);
