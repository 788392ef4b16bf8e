/** The fields that check claims: 21 of them for the payload, and the same for the result of an introspection. */
import { now } from '../support/signer.ts';
import type { Claims } from '../support/tokens.ts';
import type { FieldTest } from './field-tests.ts';

/** `{f}` stands for `{t}` or `{t}_introspection`. */
interface RuleTest {
  readonly field: string;
  readonly values: readonly [unknown, unknown];
  /** Statuses. */
  readonly expect: readonly [number, number];
  readonly base?: Claims;
  readonly claims: Claims;
}

const USER = { consumers: [{ username: 'u1' }] };

/** The three fields of a claim that must hold one of some values. */
const allowedValue = (name: string, claim: string): readonly RuleTest[] => {
  const list = `{f}_${name}s_allowed`;
  const claims = { [claim]: 'a', nested: { value: 'b' } };
  return [
    {
      field: `{f}_${name}_claim`,
      base: { [list]: ['a'] },
      claims,
      values: [[claim], ['nested', 'value']],
      expect: [200, 401],
    },
    { field: list, claims, values: [['a'], ['b']], expect: [200, 401] },
    {
      field: `verify_{f}_${name}`,
      base: { [list]: ['b'] },
      claims,
      values: [true, false],
      expect: [401, 200],
    },
  ];
};

const RULES: readonly RuleTest[] = [
  { field: '{f}_leeway', claims: { exp: now() - 10 }, values: [0, 300], expect: [401, 200] },
  {
    field: '{f}_expiry_claim',
    claims: { exp: now() + 300, meta: { until: now() - 10 } },
    values: [['exp'], ['meta', 'until']],
    expect: [200, 401],
  },
  {
    field: 'verify_{f}_expiry',
    claims: { exp: now() - 10 },
    values: [true, false],
    expect: [401, 200],
  },
  {
    field: '{f}_notbefore_claim',
    base: { 'verify_{f}_notbefore': true },
    claims: { nbf: now() - 10, meta: { from: now() + 600 } },
    values: [['nbf'], ['meta', 'from']],
    expect: [200, 401],
  },
  {
    field: 'verify_{f}_notbefore',
    claims: { nbf: now() + 600 },
    values: [false, true],
    expect: [200, 401],
  },
  ...allowedValue('issuer', 'iss'),
  ...allowedValue('subject', 'sub'),
  ...allowedValue('audience', 'aud'),
  {
    field: '{f}_scopes_claim',
    base: { '{f}_scopes_required': ['x'] },
    claims: { scope: 'x', roles: ['y'] },
    values: [['scope'], ['roles']],
    expect: [200, 403],
  },
  {
    field: '{f}_scopes_required',
    claims: { scope: 'x' },
    values: [['x'], ['y']],
    expect: [200, 403],
  },
  {
    field: 'verify_{f}_scopes',
    base: { '{f}_scopes_required': ['y'] },
    claims: { scope: 'x' },
    values: [true, false],
    expect: [403, 200],
  },
  {
    field: '{f}_required_claims',
    claims: { a: 1 },
    values: [[['a']], [['a'], ['b', 'c']]],
    expect: [200, 401],
  },
  {
    field: '{f}_optional_claims',
    base: { '{f}_issuers_allowed': ['a'] },
    claims: { iss: undefined },
    values: [null, [['iss']]],
    expect: [401, 200],
  },
  { field: '{f}_consumer_claim', claims: {}, values: [null, ['nobody']], expect: [200, 403] },
  {
    field: '{f}_consumer_by',
    base: { '{f}_consumer_claim': ['sub'] },
    claims: { sub: 'u1' },
    values: [['username'], ['custom_id']],
    expect: [200, 403],
  },
];

const rename = (fields: Claims, of: string): Claims =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replaceAll('{f}', of), value]),
  );

const common = ({ field, values, expect, base = {} }: RuleTest, of: string) => ({
  field: field.replaceAll('{f}', of),
  values,
  expect,
  base: rename(base, of),
  entities: USER,
});

export const RULE_FIELDS: readonly FieldTest[] = RULES.flatMap((rule): FieldTest[] => [
  {
    ...common(rule, '{t}'),
    probe: async (w) => (await w.askGood(rule.claims)).status,
  },
  {
    ...common(rule, '{t}_introspection'),
    prepare: (w) => w.result({ iss: 'https://idp', sub: 'u1', ...rule.claims }),
    probe: async (w) => (await w.askOpaque()).status,
  },
]);
