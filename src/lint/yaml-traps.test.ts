/** What YAML 1.1 makes of scalars without quotes; the reader itself is the judge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from '../config/parse.ts';
import { trapOf } from './yaml-traps.ts';

const TRAPS: readonly (readonly [string, unknown])[] = [
  ['on', true],
  ['Yes', true],
  ['OFF', false],
  ['no', false],
  ['010', 8],
  ['-0_17', -15],
  ['0x1F', 31],
  ['0b101', 5],
  ['1:30', 90],
  ['190:20:30', 685_230],
  ['1_000', 1000],
];

for (const [text, value] of TRAPS) {
  test(`${text} is a trap: ${String(value)}`, () => {
    assert.equal(trapOf(text)?.plainly, String(value));
    assert.deepEqual(parseText(`a: ${text}`, 'yaml', 'a.yaml').value, { a: value });
  });
}

const PLAIN = [
  'true',
  'null',
  '~',
  'y',
  'n',
  '0',
  '-1',
  '8080',
  '1.5',
  '1e3',
  '2024-01-01',
  '08',
  '1:80',
  'once',
  '0x',
  '/on',
  '10:30:99',
];

for (const text of PLAIN) test(`${text} is no trap`, () => assert.equal(trapOf(text), undefined));
