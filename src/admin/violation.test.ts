/** The sentence and the tree that Kong makes of what is wrong with a body. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violation, type FieldFinding } from './violation.ts';

interface Case {
  readonly title: string;
  readonly findings: readonly FieldFinding[];
  readonly message: string;
  readonly fields: object;
}

const CASES: readonly Case[] = [
  {
    title: 'one field',
    findings: [{ path: ['host'], message: 'required field missing' }],
    message: 'schema violation (host: required field missing)',
    fields: { host: 'required field missing' },
  },
  {
    title: 'fields by name, rules about the entity before them',
    findings: [
      { path: ['port'], message: 'expected an integer' },
      { path: ['extra'], message: 'unknown field' },
      { path: [], message: 'rule', entityLevel: true },
    ],
    message: '3 schema violations (rule; extra: unknown field; port: expected an integer)',
    fields: { port: 'expected an integer', extra: 'unknown field', '@entity': ['rule'] },
  },
  {
    title: 'a later element of a list',
    findings: [{ path: ['paths', 1], message: 'bad' }],
    message: 'schema violation (paths.2: bad)',
    fields: { paths: [null, 'bad'] },
  },
  {
    title: 'a list inside a record',
    findings: [{ path: ['config', 'claims', 0], message: 'bad' }],
    message: 'schema violation (config.claims: {\n  "bad"\n})',
    fields: { config: { claims: ['bad'] } },
  },
  {
    title: 'records inside records, with a gap and a name that is no word',
    findings: [
      { path: ['config', 'a', 'x-y', 1], message: 'bad' },
      { path: ['config', 'a', 'b'], message: 'worse' },
    ],
    message:
      'schema violation (config.a: {\n  b = "worse",\n  ["x-y"] = {\n    [2] = "bad"\n  }\n})',
    fields: { config: { a: { 'x-y': [null, 'bad'], b: 'worse' } } },
  },
];

for (const { title, findings, message, fields } of CASES) {
  test(`violation: ${title}`, () => {
    const { status, body } = violation(findings);
    assert.equal(status, 400);
    const want = { code: 2, name: 'schema violation', message, fields };
    assert.deepEqual(JSON.parse(body ?? ''), want);
  });
}
