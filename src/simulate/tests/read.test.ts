/** Test files with mistakes: each has its place, its sentence and what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosticsOf } from '../../config/diagnostic.ts';
import { ConfigError } from '../../errors.ts';
import { readTests } from './read.ts';

/** `2:5 SB1101 the sentence (what to do)`. */
function problemsOf(text: string): readonly string[] {
  try {
    readTests(text, 'kong.test.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return diagnosticsOf(error).map(
      ({ range, code, message, help }) =>
        `${range?.line}:${range?.column} ${code} ${message} (${help})`,
    );
  }
}

const MISTAKES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'an unknown field',
    'tests:\n  - name: a\n    request: { url: / }\n    expect: { statsu: 200 }',
    ["4:15 SB1101 'expect' of test 1 has an unknown field 'statsu' (did you mean 'status'?)"],
  ],
  [
    'a field that is missing',
    'tests:\n  - name: a\n    request: { method: GET }',
    ["3:14 SB1102 'request' of test 1 has no 'url' (add 'url')"],
  ],
  [
    'a wrong type',
    'tests:\n  - name: a\n    request: { url: / }\n    expect: { headers: { A: 1 } }',
    [
      "4:29 SB1103 'expect.headers.A' of test 1 must be text or null or a mapping, but is the number 1 (put it in quotes)",
    ],
  ],
  [
    'a word that is none of those',
    'tests:\n  - name: a\n    request: { url: /, token: { text: x, signature: wrnog } }',
    [
      "3:53 SB1104 'request.token.signature' of test 1 cannot be this value (did you mean 'wrong'?)",
    ],
  ],
  [
    'a number out of range',
    'tests:\n  - name: a\n    request: { url: / }\n    repeat: 0',
    ["4:13 SB1105 'repeat' of test 1 must be >= 1 (use a number inside of the range)"],
  ],
  [
    'a regular expression that is none',
    "tests:\n  - name: a\n    request: { url: / }\n    expect: { body: { matches: '(' } }",
    [
      "4:32 SB3002 'expect.body.matches' of test 1 is not written as it must be (A regular expression that matches somewhere in it)",
    ],
  ],
  [
    'a time that is none',
    'now: soon\ntests: []',
    ["1:6 SB3002 'now' is no time (write e.g. 2026-01-31T12:00:00Z)"],
  ],
  [
    'neither request nor steps',
    'tests:\n  - name: a',
    [
      "2:5 SB1202 the test 'a' has neither 'request' nor 'steps' (write 'request' for one request, or 'steps' for a sequence)",
    ],
  ],
  [
    'an expectation beside steps',
    'tests:\n  - name: a\n    steps: [{ request: { url: / } }]\n    expect: { status: 200 }',
    [
      "4:5 SB1204 the test 'a' has 'steps', and 'expect' beside them (move 'expect' into the step that it is for)",
    ],
  ],
  ['text that is no YAML', 'tests: [', ['1:8 SB1007 ']],
];

for (const [title, text, expected] of MISTAKES) {
  test(`a test file with ${title}`, () => {
    const problems = problemsOf(text);
    assert.equal(problems.length, expected.length, problems.join('\n'));
    for (const [i, wanted] of expected.entries()) {
      const got = problems[i] ?? '';
      if (wanted.endsWith(')')) assert.equal(got, wanted);
      else assert.ok(got.startsWith(wanted), got);
    }
  });
}

test('every mistake of a file is reported', () => {
  const text = 'tests:\n  - nme: a\n    request: {}\n  - name: b\n    request: { url: 1 }\n';
  assert.deepEqual(
    problemsOf(text).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['2:5 SB1101', '3:14 SB1102', '5:21 SB1103'],
  );
});

test('a file that is right is read', () => {
  const { recipe } = readTests('tests:\n  - { name: a, request: { url: / } }', 'a.test.yaml');
  assert.equal(recipe.tests[0]?.name, 'a');
});
