/** Tables of values and the findings about them, shared by the tests of validation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntityKind } from './types.ts';
import { validateEntity, type FieldIssue, type ValidateOptions } from './validate.ts';

/** One line an issue: dotted path, colon, message; rules about the entity at `@entity`. */
export const show = (issues: readonly FieldIssue[]): string[] =>
  issues.map(({ path, message, entityLevel }) =>
    [[...path, ...(entityLevel ? ['@entity'] : [])].join('.'), message].join(': '),
  );

export type Case = readonly [
  name: string,
  value: unknown,
  expected: readonly string[],
  options?: ValidateOptions,
];

export function table(kind: EntityKind, cases: readonly Case[]): void {
  for (const [name, value, expected, options] of cases) {
    test(`${kind}, ${name}`, () =>
      assert.deepEqual(show(validateEntity(kind, value, options)), expected));
  }
}

export const PROTOCOLS = 'grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp';

/** The rule that Kong names beside the field that breaks a condition. */
export const given = (field: string): string =>
  `@entity: failed conditional validation given value of field '${field}'`;

export const UUID = '22000000-0000-4000-8000-000000000001';
