/** `silverback validate` as built: exit codes, what goes to which stream, colours, and the formats by name. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { REPORT_FORMATS } from '../src/report/render.ts';
import { hasProgram } from './support/programs.ts';
import { CLI, plainEnvironment, runCli } from './support/run-cli.ts';

const GOOD = `_format_version: '3.0'
services: [{ name: s, url: 'https://a.test', routes: [{ name: r, paths: [/] }] }]
`;
/** An upstream that no service uses. */
const WARNED = "_format_version: '3.0'\nupstreams: [{ name: unused.test }]\n";
const BAD = "_format_version: '3.0'\nservices: [{ name: s, host: a.test, prot: 1 }]\n";

function folderWith(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-validate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'good.yaml'), GOOD);
  writeFileSync(join(folder, 'warned.yaml'), WARNED);
  writeFileSync(join(folder, 'bad.yaml'), BAD);
  return folder;
}

test('0 for a clean file, 1 for one with problems, 2 for wrong usage and what cannot be read', (t) => {
  const cwd = folderWith(t);
  const cases: readonly (readonly [args: readonly string[], code: number])[] = [
    [['good.yaml'], 0],
    [['bad.yaml'], 1],
    [['good.yaml', '--fail-on', 'warning'], 0],
    [['warned.yaml'], 0],
    [['warned.yaml', '--fail-on', 'warning'], 1],
    [['missing.yaml'], 2],
    [[], 2],
    [['good.yaml', '--format', 'xml'], 2],
    [['good.yaml', '--nonsense'], 2],
  ];
  for (const [args, code] of cases) {
    const { code: actual, stdout, stderr } = runCli(['validate', ...args], { cwd });
    assert.equal(actual, code, `${args.join(' ')}: ${stdout}${stderr}`);
    if (code === 2) assert.equal(stdout, '', args.join(' '));
  }
});

test('a file that cannot be read is named, with what to do', (t) => {
  const cwd = folderWith(t);
  const missing = runCli(['validate', 'missing.yaml'], { cwd }).stderr;
  assert.match(missing, /^silverback: cannot read missing\.yaml: .*check the path\n$/);
  mkdirSync(join(cwd, 'empty'));
  const empty = runCli(['validate', 'empty'], { cwd });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /there is no .* in the folder empty/);
});

for (const format of REPORT_FORMATS) {
  test(`${format}: the report is all of stdout, the count is on stderr`, (t) => {
    const cwd = folderWith(t);
    const bad = runCli(['validate', '--format', format, 'bad.yaml'], { cwd });
    assert.match(bad.stdout, /SB1101/);
    assert.doesNotMatch(bad.stdout, /^1 error$/m);
    assert.equal(bad.stderr.trim(), '1 error');
  });
}

test('--quiet leaves the findings alone, and the rest out', (t) => {
  const cwd = folderWith(t);
  const loud = runCli(['validate', 'bad.yaml'], { cwd });
  assert.deepEqual(runCli(['validate', '--quiet', 'bad.yaml'], { cwd }), { ...loud, stderr: '' });
  assert.deepEqual(runCli(['validate', '-q', 'good.yaml'], { cwd }), {
    code: 0,
    stdout: '',
    stderr: '',
  });
});

test('a clean file: words on a terminal format, an empty report in the others', (t) => {
  const cwd = folderWith(t);
  const outputs = REPORT_FORMATS.map((format) => {
    const { stdout, stderr } = runCli(['validate', '--format', format, 'good.yaml'], { cwd });
    assert.equal(stderr, '');
    return [format, stdout] as const;
  });
  const of = new Map<string, string>(outputs);
  assert.equal(of.get('pretty'), 'good.yaml is valid\n');
  assert.equal(of.get('github'), '');
  assert.deepEqual(JSON.parse(of.get('json') ?? '').diagnostics, []);
  assert.deepEqual(JSON.parse(of.get('sarif') ?? '').runs[0].results, []);
  assert.match(of.get('junit') ?? '', /failures="0"/);
});

test('standard input is checked as a file without a name', () => {
  const { code, stdout } = runCli(['validate', '--format', 'json', '-'], { input: BAD });
  assert.equal(code, 1);
  const { files, diagnostics } = JSON.parse(stdout);
  assert.deepEqual(files, ['<stdin>']);
  assert.equal(diagnostics[0].file, '<stdin>');
});

const ESCAPE = '\u001B[';

test('colours are for terminals, and NO_COLOR and FORCE_COLOR have their way', (t) => {
  const cwd = folderWith(t);
  const colored = (env: Readonly<Record<string, string>>): boolean =>
    runCli(['validate', 'bad.yaml'], { cwd, env }).stdout.includes(ESCAPE);
  assert.equal(colored({}), false);
  assert.equal(colored({ FORCE_COLOR: '1' }), true);
  assert.equal(colored({ FORCE_COLOR: '0' }), false);
  const json = runCli(['validate', '--format', 'json', 'bad.yaml'], {
    cwd,
    env: { FORCE_COLOR: '1' },
  });
  assert.equal(json.stdout.includes(ESCAPE), false);
});

test('on a terminal', async (t) => {
  if (!hasProgram(t, 'script')) return;
  const folder = folderWith(t);
  const onTerminal = (file: string, env: Readonly<Record<string, string>> = {}): string =>
    spawnSync('script', ['-qec', `'${process.execPath}' '${CLI}' validate ${file}`, '/dev/null'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...plainEnvironment(), TERM: 'xterm', ...env },
    }).stdout;

  await t.test('there are colours, but not with NO_COLOR and not on a dumb one', () => {
    assert.ok(onTerminal('bad.yaml').includes(ESCAPE));
    assert.equal(onTerminal('bad.yaml', { NO_COLOR: '1' }).includes(ESCAPE), false);
    assert.equal(onTerminal('bad.yaml', { TERM: 'dumb' }).includes(ESCAPE), false);
  });

  await t.test('a large document says what it is at, and takes that away again', () => {
    const services = Array.from(
      { length: 4000 },
      (_, i) => `- { name: s${i}, host: a.test, routes: [{ paths: [/${i}] }] }\n`,
    );
    const text = `_format_version: '3.0'\nservices:\n${services.join('')}`;
    writeFileSync(join(folder, 'large.yaml'), text);
    const output = onTerminal('large.yaml', { NO_COLOR: '1' });
    const said = output.split(`\r${ESCAPE}K`);
    assert.deepEqual(said.slice(0, -1), [
      '',
      'checking large.yaml (0.2 MB): loading …',
      'checking large.yaml (0.2 MB): compiling …',
      'checking large.yaml (0.2 MB): looking for risks …',
    ]);
    assert.match(said.at(-1) ?? '', /large\.yaml is valid\s*$/);
    assert.doesNotMatch(onTerminal('good.yaml'), /checking/);
  });
});

/** Written to stderr when the process ends: the CommonJS modules that it loaded. */
const LOADED = `data:text/javascript,import{createRequire}from'node:module';const{cache}=createRequire(process.cwd()+'/x');process.on('exit',()=>process.stderr.write(Object.keys(cache).join('\\n')))`;

test('a check loads no HTTP client, no logger, no Redis and no prover of regular expressions', (t) => {
  const cwd = folderWith(t);
  const run = spawnSync(process.execPath, ['--import', LOADED, CLI, 'validate', 'good.yaml'], {
    cwd,
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stderr, /node_modules.commander/, 'the list is there');
  assert.doesNotMatch(run.stderr, /node_modules.(undici|pino|ioredis|recheck)/);
});
