/** Cases 39 to 65 of the reference: times, claims and scopes of a JWT. */
import assert from 'node:assert/strict';
import {
  assertRefused,
  assertSigned,
  now,
  testCase,
  type Case,
  type World,
} from '../support/signer.ts';
import type { Claims } from '../support/tokens.ts';

/** One line of a table: fields of the config, claims of the token, what becomes of it. */
type Line = readonly [fields: Claims, claims: Claims, status: number];

const lines =
  (...table: readonly Line[]): Case['run'] =>
  async (w: World) => {
    for (const [fields, claims, status] of table) {
      await w.base(fields);
      const answer = await w.good(claims);
      if (status === 200) assertSigned(answer);
      else assertRefused(answer, status);
    }
  };

const LATE = { exp: now() - 10 };
const EARLY = { nbf: now() + 60 };
const ROLES = { realm_access: { roles: ['admin'] } };
const EMPLOYEE = {
  employee: { groups: ['default', 'it'], name: 'li', favourites: { beverage: 'coffee' } },
};
const required = (...scopes: readonly string[]): Claims => ({
  access_token_scopes_required: scopes,
});

export const CLAIMS_CASES: readonly Case[] = [
  testCase(39, 'expired', lines([{}, LATE, 401])),
  testCase(40, 'expired within the leeway', lines([{ access_token_leeway: 60 }, LATE, 200])),
  testCase(41, 'expired, not verified', lines([{ verify_access_token_expiry: false }, LATE, 200])),
  testCase(42, 'no exp', async (w) => {
    await w.base();
    const answer = await w.good({ exp: undefined });
    assertSigned(answer);
    assert.ok(!('exp' in answer.fresh().claims));
  }),
  testCase(
    43,
    'no exp where it is required',
    lines([{ access_token_required_claims: [['exp']] }, { exp: undefined }, 401]),
  ),
  testCase(44, 'not valid yet, which is not verified by default', lines([{}, EARLY, 200])),
  testCase(
    45,
    'not valid yet',
    lines(
      [{ verify_access_token_notbefore: true }, EARLY, 401],
      [{ verify_access_token_notbefore: true, access_token_leeway: 120 }, EARLY, 200],
    ),
  ),
  testCase(
    46,
    'no nbf where it is verified',
    lines(
      [{ verify_access_token_notbefore: true }, {}, 401],
      [{ verify_access_token_notbefore: true, access_token_optional_claims: [['nbf']] }, {}, 200],
    ),
  ),
  testCase(
    47,
    'issuers',
    lines(
      [{ access_token_issuers_allowed: ['https://idp'] }, {}, 200],
      [{ access_token_issuers_allowed: ['https://other'] }, {}, 401],
    ),
  ),
  testCase(
    48,
    'issuers, not verified',
    lines([
      { access_token_issuers_allowed: ['https://other'], verify_access_token_issuer: false },
      {},
      200,
    ]),
  ),
  testCase(
    49,
    'one of several issuers',
    lines([{ access_token_issuers_allowed: ['https://a', 'https://idp'] }, {}, 200]),
  ),
  testCase(50, 'subjects', lines([{ access_token_subjects_allowed: ['u2'] }, {}, 401])),
  testCase(
    51,
    'audiences',
    lines(
      [{ access_token_audiences_allowed: ['api', 'x'] }, {}, 200],
      [{ access_token_audiences_allowed: ['api', 'x'] }, { aud: 'api' }, 200],
      [{ access_token_audiences_allowed: ['api', 'x'] }, { aud: 'zzz' }, 401],
    ),
  ),
  testCase(
    52,
    'an issuer somewhere else',
    lines([
      { access_token_issuer_claim: ['realm', 'iss'], access_token_issuers_allowed: ['a'] },
      { realm: { iss: 'a' } },
      200,
    ]),
  ),
  testCase(
    53,
    'an expiry somewhere else',
    lines([{ access_token_expiry_claim: ['meta', 'until'] }, { meta: { until: now() - 10 } }, 401]),
  ),
  testCase(
    54,
    'required claims',
    lines(
      [{ access_token_required_claims: [['sub'], ['a', 'b']] }, { a: {} }, 401],
      [{ access_token_required_claims: [['sub'], ['a', 'b']] }, { a: { b: 0 } }, 200],
    ),
  ),
  testCase(55, 'an exp that is no number', lines([{}, { exp: 'soon' }, 401])),
  testCase(56, 'a scope', lines([required('read'), {}, 200])),
  testCase(57, 'a scope that is missing: 403', async (w) => {
    await w.base(required('admin'));
    assertRefused(await w.good(), 403, /error="insufficient_scope"/);
  }),
  testCase(
    58,
    'several scopes in one element',
    lines([required('read write'), {}, 200], [required('read admin'), {}, 403]),
  ),
  testCase(59, 'one of several elements', lines([required('admin', 'write'), {}, 200])),
  testCase(60, 'case counts', lines([required('READ'), {}, 403])),
  testCase(61, 'no scopes at all', lines([required('read'), { scope: undefined }, 403])),
  testCase(
    62,
    'scopes, not verified',
    lines([{ ...required('admin'), verify_access_token_scopes: false }, {}, 200]),
  ),
  testCase(
    63,
    'scopes as a list',
    lines([required('read write'), { scope: ['read', 'write'] }, 200]),
  ),
  testCase(
    64,
    'scopes of Keycloak',
    lines([
      { ...required('admin'), access_token_scopes_claim: ['realm_access', 'roles'] },
      ROLES,
      200,
    ]),
  ),
  testCase(
    65,
    'a beverage',
    lines(
      [
        {
          ...required('coffee'),
          access_token_scopes_claim: ['employee', 'favourites', 'beverage'],
        },
        EMPLOYEE,
        200,
      ],
      [
        { ...required('tea'), access_token_scopes_claim: ['employee', 'favourites', 'beverage'] },
        EMPLOYEE,
        403,
      ],
    ),
  ),
];
