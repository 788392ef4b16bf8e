/** The generic rules about several fields, each where it holds and where it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runEntityChecks } from './entity-checks.ts';

const NONE: ReadonlySet<string> = new Set();
const group = (what: string) => `${what}: 'a', 'b'`;
const fields = ['a', 'b'] as const;

for (const [check, record, message] of [
  [
    { at_least_one_of: fields },
    { a: '', b: null },
    group('at least one of these fields must be non-empty'),
  ],
  [{ at_least_one_of: fields }, { b: 0 }, undefined],
  [{ only_one_of: fields }, { a: 1, b: 2 }, group('exactly one of these fields must be non-empty')],
  [{ only_one_of: fields }, {}, group('exactly one of these fields must be non-empty')],
  [{ only_one_of: fields }, { a: 1 }, undefined],
  [{ mutually_required: fields }, { a: 1 }, group('all or none of these fields must be set')],
  [{ mutually_required: fields }, { a: 1, b: 2 }, undefined],
  [{ mutually_required: fields }, {}, undefined],
  [
    { mutually_exclusive: fields },
    { a: 1, b: 2 },
    group('only one or none of these fields must be set'),
  ],
  [{ mutually_exclusive: fields }, { a: 1 }, undefined],
  [{ distinct: fields }, { a: ['x'], b: ['x'] }, group('values of these fields must be distinct')],
  [{ distinct: fields }, { a: 'x', b: 'y' }, undefined],
  [{ distinct: fields }, { a: null, b: null }, undefined],
] as const) {
  test(`${JSON.stringify(check)} of ${JSON.stringify(record)}`, () => {
    const found = runEntityChecks([check], record, NONE, {});
    const texts = found.map((issue) => issue.message);
    assert.deepEqual(texts, message === undefined ? [] : [message]);
    assert.ok(found.every(({ path, entityLevel }) => path.length === 0 && entityLevel));
  });
}

test('a condition on a field that is wrong itself is not looked at', () => {
  const conditional = {
    if_field: 'a.b',
    if_match: { gt: 0 },
    then_field: 'c',
    then_match: { required: true },
  };
  const run = (record: object, failed = NONE) =>
    runEntityChecks([{ conditional }], { ...record }, failed, {}).map(({ message }) => message);
  assert.deepEqual(run({ a: { b: 1 } }), [
    'required field missing',
    "failed conditional validation given value of field 'a.b'",
  ]);
  assert.deepEqual(run({ a: { b: 1 } }, new Set(['a.b'])), []);
  assert.deepEqual(run({ a: { b: 0 } }), []);
  assert.deepEqual(run({}), []);
});
