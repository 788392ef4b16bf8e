/** The files of examples/ci: well-formed, and their commands do what they are for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { load } from 'js-yaml';
import { isFields } from '../src/config/checks/field-issue.ts';
import { EXAMPLES } from './support/examples.ts';
import { parseAnnotations } from './support/github-commands.ts';
import { CLI, plainEnvironment } from './support/run-cli.ts';

const CI = join(EXAMPLES, 'ci');
const GOOD = `_format_version: '3.0'
services: [{ name: s, url: 'https://a.test', routes: [{ name: r, paths: [/] }] }]
`;
const BAD = "_format_version: '3.0'\nservices: [{ name: s, host: a.test, prot: 1 }]\n";

/** A project with a kong.yaml and the built program as its dependency. */
function projectWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-ci-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'kong.yaml'), text);
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`;
  writeFileSync(join(bin, 'silverback'), shim, { mode: 0o755 });
  return folder;
}

/** As GitHub's runner and pre-commit run a line; the npm of the test run must not say where the project is. */
function runLine(line: string, cwd: string) {
  const env = Object.fromEntries(
    Object.entries(plainEnvironment()).filter(([name]) => !/^npm_/i.test(name)),
  );
  return spawnSync('bash', ['-e', '-c', line], { cwd, env, encoding: 'utf8' });
}

const recordsOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isFields) : [];

const member = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce((inner, name) => (isFields(inner) ? inner[name] : undefined), value);

const parse = (file: string): unknown => load(readFileSync(join(CI, file), 'utf8'));

test('the workflow checks out, installs, and has two lines of its own', () => {
  const workflow = parse('github-actions.yaml');
  assert.deepEqual(Object.keys(member(workflow, 'on') ?? {}), ['push', 'pull_request']);
  assert.equal(member(workflow, 'permissions', 'security-events'), 'write');
  const steps = recordsOf(member(workflow, 'jobs', 'validate', 'steps'));
  for (const step of steps) assert.equal('uses' in step, !('run' in step));
  assert.equal(steps.filter(({ run }) => String(run).includes('silverback')).length, 2);
});

const lines = recordsOf(member(parse('github-actions.yaml'), 'jobs', 'validate', 'steps'))
  .map(({ run }) => String(run))
  .filter((line) => line.includes('silverback'));
const [annotate = '', report = ''] = lines;

test('the workflow on a bad file: annotations and a failed step, then a report to upload', (t) => {
  const cwd = projectWith(t, BAD);
  const annotated = runLine(annotate, cwd);
  assert.equal(annotated.status, 1, annotated.stderr);
  const [annotation] = parseAnnotations(annotated.stdout);
  assert.equal(annotation?.properties.get('file'), 'kong.yaml');
  assert.equal(annotation.properties.get('line'), '2');

  assert.equal(runLine(report, cwd).status, 0);
  const sarif = JSON.parse(readFileSync(join(cwd, 'silverback.sarif'), 'utf8'));
  assert.equal(sarif.runs[0].results.length, 1);
});

test('the workflow on a good file passes and reports nothing', (t) => {
  const cwd = projectWith(t, GOOD);
  const annotated = runLine(annotate, cwd);
  assert.equal(annotated.status, 0, annotated.stderr);
  assert.equal(annotated.stdout, '');
  assert.equal(runLine(report, cwd).status, 0);
  const sarif = JSON.parse(readFileSync(join(cwd, 'silverback.sarif'), 'utf8'));
  assert.deepEqual(sarif.runs[0].results, []);
});

test('without a file the report fails, and leaves nothing to upload', (t) => {
  const cwd = projectWith(t, GOOD);
  rmSync(join(cwd, 'kong.yaml'));
  assert.notEqual(runLine(report, cwd).status, 0);
  assert.equal(readFileSync(join(cwd, 'silverback.sarif'), 'utf8'), '');
});

test('the pre-commit hook lets a good file pass and refuses a bad one', (t) => {
  const [hook] = recordsOf(
    recordsOf(member(parse('pre-commit-config.yaml'), 'repos'))[0]?.['hooks'],
  );
  assert.ok(new RegExp(String(hook?.['files'])).test('kong.yaml'));
  assert.equal(hook?.['pass_filenames'], false);
  const entry = String(hook['entry']);
  const good = runLine(entry, projectWith(t, GOOD));
  assert.equal(good.status, 0, good.stderr);
  assert.equal(good.stdout, '');
  const bad = runLine(entry, projectWith(t, BAD));
  assert.equal(bad.status, 1, bad.stderr);
  assert.match(bad.stdout, /kong\.yaml:2:/);
});

test('files that the README of examples/ci names exist', () => {
  const text = readFileSync(join(CI, 'README.md'), 'utf8');
  const linked = [...text.matchAll(/\]\(([^):]+)\)/g)].map(([, path]) => path ?? '');
  assert.ok(linked.length > 0);
  assert.deepEqual(
    linked.filter((path) => !existsSync(join(CI, path))),
    [],
  );
});
