/** Warnings of `silverback validate` as built: where they go, what allows them, and how it ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli, type CliResult } from './support/run-cli.ts';

const DOCUMENT = `_format_version: '3.0'
services:
  - name: orders
    url: http://orders:80
    routes: [{ name: orders, paths: [/orders] }]
    plugins: [{ name: jwt }]
`;

const validate = (...flags: readonly string[]): CliResult =>
  runCli(['validate', '-', ...flags], { input: DOCUMENT });

test('warnings are part of the report, and the config stays valid', () => {
  const { code, stdout, stderr } = validate();
  assert.equal(code, 0);
  assert.match(stdout, /^warning\[SB2001\]: .*\n +--> <stdin>:6:23\n/);
  assert.match(stdout, /\nwarning\[SB2002\]: /);
  assert.match(stderr, /^2 warnings$/m);
});

test('--fail-on warning ends with 1, unless they are allowed', () => {
  assert.equal(validate('--fail-on', 'warning').code, 1);
  const allowed = validate('--fail-on', 'warning', '--allow', 'SB2001', '--allow', 'SB2002');
  assert.deepEqual([allowed.code, allowed.stdout], [0, '- is valid\n']);
  assert.equal(validate('--fail-on', 'warning', '--allow', 'SB2001,SB2002').code, 0);
});

test('what --allow names in vain is said', () => {
  const { stdout } = validate('--allow', 'SB2001,SB2002,SB2003,SB99');
  assert.match(stdout, /^warning\[SB2090\]: SB2003 .*--allow/);
  assert.match(stdout, /\nwarning\[SB2091\]: there is no warning SB99 \(--allow\)/);
});
