/** Every report has its golden file, every code its paragraph: `test/golden/diagnostics`, `docs/diagnostics.md`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DIAGNOSTIC_CODES, codeEntry } from '../src/config/diagnostic-codes.ts';
import { goldenCases, reportOf } from './support/diagnostics.ts';

const document = readFileSync(new URL('../docs/diagnostics.md', import.meta.url), 'utf8');
const cases = goldenCases();

for (const { name, input, expected } of cases) {
  test(`the report of ${name}`, async () => assert.equal(await reportOf(input), expected));
}

/** Too large for a file, about other files, or a rule that no schema has by now: `load.test.ts`, `hostile-config.test.ts`, `entity-checks.test.ts`, `merge.test.ts`, `own-plugins.test.ts`, `config-tests.test.ts`. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  'SB1000',
  'SB1022',
  'SB1204',
  'SB1411',
  'SB1412',
  'SB1520',
  'SB1521',
  'SB1522',
  'SB2000',
  'SB3001',
  'SB3002',
]);

/** `### SB1101: Unknown field`, up to the next heading. */
const sections = new Map(
  document
    .split(/^#{2,3} /m)
    .map((text): [string, string] => [/^SB\d{4}/.exec(text)?.[0] ?? '', text])
    .filter(([code]) => code !== ''),
);

test('the reference has a section for every code, and no other', () => {
  assert.deepEqual([...sections.keys()].toSorted(), DIAGNOSTIC_CODES);
});

for (const code of DIAGNOSTIC_CODES) {
  test(`${code} has its title, a paragraph and an example in the reference, and a golden file`, () => {
    const [heading = '', ...body] = (sections.get(code) ?? '').split('\n');
    assert.equal(heading, `${code}: ${codeEntry(code).title}`);
    const text = body.join('\n');
    assert.match(text, /^[A-Z`'][^]{60,}?[.:]$/m, 'a paragraph');
    assert.ok(
      SHOWN_ELSEWHERE.has(code) || /^```(yaml|json|text)\n[^]+?^```$/m.test(text),
      'an example',
    );
    const isShown = cases.some(({ expected }) => expected.includes(`[${code}]`));
    assert.ok(
      isShown || SHOWN_ELSEWHERE.has(code),
      `no file of test/golden/diagnostics reports ${code}`,
    );
  });
}

test('golden files report known codes only', () => {
  const shown = cases.flatMap(({ expected }) => [...expected.matchAll(/^\w+\[(SB\d{4})\]/gm)]);
  const unknown = shown
    .map(([, code]) => code ?? '')
    .filter((code) => !DIAGNOSTIC_CODES.includes(code));
  assert.deepEqual(unknown, []);
});
