/** Which document a start begins with. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { testSettings } from '../../test/support/settings.ts';
import { KONG_VERSION } from '../version.ts';
import { fileSource, firstDocument, keepDocument } from './documents.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'silverback-documents-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const kept = fileSource('/x/kong.yaml', 'kept');

test('the file, then the string, then what was kept, then none', async (t) => {
  const prefix = folder(t);
  const file = join(prefix, 'kong.yaml');
  writeFileSync(file, 'file');
  assert.equal(await firstDocument(testSettings({ prefix })), undefined);
  await keepDocument(prefix, kept);
  assert.deepEqual(await firstDocument(testSettings({ prefix })), kept);
  const string = { prefix, declarativeConfigString: 'string' };
  const fromString = await firstDocument(testSettings(string));
  assert.ok(fromString?.kind === 'text');
  assert.equal(fromString.text, 'string');
  const fromFile = await firstDocument(testSettings({ ...string, declarativeConfig: [file] }));
  assert.deepEqual(fromFile, fileSource(file, 'file'));
});

test('several files are kept and found again as they were', async (t) => {
  const prefix = folder(t);
  writeFileSync(join(prefix, 'a.yaml'), 'a');
  writeFileSync(join(prefix, 'b.json'), '{}');
  const declarativeConfig = [join(prefix, 'b.json'), join(prefix, 'a.yaml')];
  const first = await firstDocument(testSettings({ prefix, declarativeConfig }));
  assert.ok(first?.kind === 'files');
  assert.deepEqual(
    first.texts.map(({ text, folder: base }) => [text, base]),
    [
      ['{}', prefix],
      ['a', prefix],
    ],
  );
  await keepDocument(prefix, first);
  assert.deepEqual(await firstDocument(testSettings({ prefix })), first);
});

test('only its owner can read what is kept', async (t) => {
  const prefix = join(folder(t), 'new');
  await keepDocument(prefix, kept);
  assert.equal(statSync(join(prefix, 'config.json')).mode & 0o777, 0o600);
});

const STRANGE_SOURCES = [
  { kind: 'text', text: 1, format: 'auto' },
  { kind: 'text', text: 'x', format: 'toml' },
  { kind: 'files', texts: [{ text: 'x', format: 'auto', folder: 1 }] },
  { kind: 'files' },
].map((source) => JSON.stringify({ version: KONG_VERSION, source }));

for (const text of [
  '',
  '{',
  'null',
  '{"version":"3.8.0","source":{"kind":"text","text":"x","format":"auto"}}',
  ...STRANGE_SOURCES,
]) {
  test(`a kept document that cannot be meant is none: ${text || '(empty)'}`, async (t) => {
    const prefix = folder(t);
    writeFileSync(join(prefix, 'config.json'), text);
    assert.equal(await firstDocument(testSettings({ prefix })), undefined);
  });
}

test('a file that cannot be read is an error', async (t) => {
  const declarativeConfig = [join(folder(t), 'missing.yaml')];
  await assert.rejects(firstDocument(testSettings({ declarativeConfig })), /ENOENT/);
});
