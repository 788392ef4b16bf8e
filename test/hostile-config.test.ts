/** Hostile configs: refused (or loaded) within a second and 256 MB, with a place, in a process of their own. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MEASURE = join(import.meta.dirname, 'support/measure-load.ts');
const MEGABYTES_MAX = 256;
/** The machine of the tests is shared: a second of the processor, not of the clock. */
const MILLISECONDS_MAX = 1000;

const letters = 'abcdefghijklmnop'.split('');
const million = 1_000_000;

const bomb = (value: (before: string) => string): string =>
  letters
    .map((name, i) => `  - &${name} ${i === 0 ? '[x]' : value(letters[i - 1] ?? '')}`)
    .join('\n');

const HOSTILE: readonly (readonly [name: string, text: () => string, code: string | undefined])[] =
  [
    ['an alias bomb', () => `_ignore:\n${bomb((b) => `[${`*${b}, `.repeat(10)}]`)}`, 'SB1021'],
    [
      'a merge bomb',
      () =>
        `_ignore:\n  - &m0 {${Array.from({ length: 1000 }, (_, i) => ` k${i}: 1`).join(',')} }\n${Array.from({ length: 3000 }, (_, i) => `  - { <<: *m0, z: ${i} }`).join('\n')}`,
      'SB1021',
    ],
    ['an alias of itself', () => '_ignore: &a [*a]', 'SB1021'],
    ['depth in brackets', () => `_ignore: ${'['.repeat(million)}`, 'SB1020'],
    ['depth in braces', () => `_ignore: ${'{a: '.repeat(million)}`, 'SB1020'],
    [
      'depth in lines',
      () => Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'SB1020',
    ],
    ['depth of JSON', () => `{"_ignore": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'SB1020'],
    ['a name of all objects', () => '__proto__: { polluted: true }\nconstructor: 1\n', 'SB1101'],
    ['a million routes', () => `routes:\n${'- paths: [/a]\n'.repeat(million)}`, 'SB1022'],
    [
      'a million routes in one line',
      () => `{"routes": [${'{"paths":["/a"]},'.repeat(million)}{}]}`,
      'SB1022',
    ],
    ['forty megabytes of one text', () => `_comment: ${'x'.repeat(40 * million)}`, 'SB1022'],
    ['an open quote before much', () => `a: "${'b: c\n'.repeat(100_000)}`, 'SB1006'],
    [
      'a broken line after many',
      () => `services:\n${'- name: a\n  host: b\n'.repeat(20_000)} - x: : y\n`,
      undefined,
    ],
  ];

for (const [name, makeText, code] of HOSTILE) {
  test(name, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'silverback-hostile-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'kong.yaml');
    const content = makeText();
    // JSON is a document as it is.
    writeFileSync(file, content.startsWith('{') ? content : `_format_version: "3.0"\n${content}`);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', MEASURE, file]);
    const measured: unknown = JSON.parse(stdout);
    assert.ok(typeof measured === 'object' && measured !== null);
    t.diagnostic(stdout.trim());
    assert.ok(Number(Reflect.get(measured, 'cpuMs')) < MILLISECONDS_MAX, stdout);
    assert.ok(Number(Reflect.get(measured, 'megabytes')) < MEGABYTES_MAX, stdout);
    if (code !== undefined) assert.equal(Reflect.get(measured, 'code'), code);
    assert.equal(typeof Reflect.get(measured, 'line'), 'number', 'a place');
    assert.equal(Reflect.get(measured, 'polluted'), false);
  });
}
