/** `silverback history` and `rollback` with a gateway that watches its files, and without one. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SILENT } from '../src/log.ts';
import { createDocumentReader } from '../src/node/document-files.ts';
import { createHistory } from '../src/node/history/history.ts';
import { runCli, type CliResult } from './support/run-cli.ts';
import { testSettings } from './support/settings.ts';
import { spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';
import { until } from './support/until.ts';

const COMMENT = '# the team pay owns this\n';
const yaml = (port: number, more = ''): string =>
  `_format_version: "3.0"\n${COMMENT}services:\n- name: pay\n  host: pay.test\n  port: ${port}\n${more}`;
const CONSUMER = 'consumers:\n- username: ann\n  keyauth_credentials:\n  - key: S3CRET\n';

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly cli: (...args: readonly string[]) => CliResult;
}

function placeFor(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { SILVERBACK_DATA_DIR: join(folder, 'data'), KONG_PREFIX: join(folder, 'prefix') };
  mkdirSync(env.KONG_PREFIX);
  return { folder, file: join(folder, 'kong.yaml'), cli: (...args) => runCli(args, { env }) };
}

const start = (t: TestContext, { folder }: Place, path: string): Promise<SpawnedGateway> =>
  spawnGateway(
    t,
    { SILVERBACK_DATA_DIR: join(folder, 'data'), KONG_PREFIX: join(folder, 'prefix') },
    ['-c', path, '--workers', '1'],
  );

async function portOf({ adminUrl }: SpawnedGateway): Promise<unknown> {
  const service: unknown = await (await fetch(`${adminUrl}/services/pay`)).json();
  return typeof service === 'object' && service !== null && 'port' in service && service.port;
}

/** What a gateway does when it loads the files, without one. */
async function keep({ folder }: Place, path: string): Promise<void> {
  const data = { folder: join(folder, 'data'), key: undefined, redis: undefined };
  const history = { versions: 50, bytes: 1_000_000 };
  const settings = testSettings({ data, history, declarativeConfig: [path] });
  await createHistory(settings, SILENT).loaded(await createDocumentReader([path]).read());
}

function versionsIn({ folder }: Place): number {
  const data = join(folder, 'data/history');
  if (!existsSync(data)) return 0;
  return readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  ).length;
}

const numbersOf = ({ stdout }: CliResult): readonly string[] =>
  stdout.split('\n').flatMap((line) => /^ *(\d+) {2}/.exec(line)?.[1] ?? []);

test('edits by hand are kept, shown, compared and undone, and that can be undone', async (t) => {
  const place = placeFor(t);
  const { file, cli } = place;
  writeFileSync(file, yaml(81), { mode: 0o640 });
  const gateway = await start(t, place, file);
  await until(() => versionsIn(place) === 1);
  writeFileSync(file, yaml(82, CONSUMER));
  await until(async () => (await portOf(gateway)) === 82);
  await until(() => versionsIn(place) === 2);

  const list = cli('history', '-c', file);
  assert.deepEqual(numbersOf(list), ['2', '1']);
  assert.match(
    list.stdout,
    /2 {2}\d{4}-\S+Z {2}- {2}edited by hand\n.*the files as they were found/,
  );
  const json: unknown = JSON.parse(cli('history', '--format', 'json').stdout);
  assert.match(JSON.stringify(json), /"number":2.*"who":\{"kind":"file"\}.*"bytes":\d+/);
  assert.doesNotMatch(list.stdout + JSON.stringify(json), /S3CRET/);
  assert.equal(cli('history', 'show', '1', '-c', file).stdout, yaml(81));
  const diff = cli('history', 'diff', '1', '2');
  assert.equal(diff.code, 1);
  assert.match(diff.stdout, /port: 81 → 82/);
  assert.doesNotMatch(diff.stdout, /S3CRET/);
  assert.equal(cli('history', 'diff', '2').code, 0);
  assert.equal(cli('history', 'diff', '2', '--conf', join(place.folder, 'missing')).code, 2);

  const back = cli('rollback', '1', '-c', file);
  assert.equal(back.code, 0, back.stderr);
  assert.match(
    back.stdout,
    /version 1 again, as version 3; the gateway \(pid \d+\) takes them now/,
  );
  assert.equal(readFileSync(file, 'utf8'), yaml(81));
  assert.equal(statSync(file).mode & 0o777, 0o640);
  await until(async () => (await portOf(gateway)) === 81);
  assert.equal(cli('rollback', '2', '-c', file).code, 0);
  await until(async () => (await portOf(gateway)) === 82);
  assert.match(cli('history').stdout, /^4 .*rollback to version 2\n3 .*rollback to version 1\n/);
  assert.match(cli('rollback', '2').stdout, /nothing to do/);
});

const text = (name: string): string =>
  `_format_version: "3.0"\nservices:\n- name: ${name}\n  host: h\n`;

test('a folder is made what it was, and an edit nobody loaded is not lost', async (t) => {
  const place = placeFor(t);
  const { folder, cli } = place;
  const conf = join(folder, 'conf');
  mkdirSync(conf);
  const [a, b, c] = ['a.yaml', 'b.yaml', 'c.yaml'].map((name) => join(conf, name));
  writeFileSync(a ?? '', text('a'));
  writeFileSync(b ?? '', text('b'));
  await keep(place, conf);
  rmSync(b ?? '');
  writeFileSync(a ?? '', text('a-by-hand'));
  writeFileSync(c ?? '', text('c'));
  const back = cli('rollback', '1', '-c', conf);
  assert.equal(back.code, 0, back.stderr);
  assert.match(back.stdout, /as version 3; a gateway that watches them takes them now/);
  assert.equal(readFileSync(a ?? '', 'utf8'), text('a'));
  assert.equal(readFileSync(b ?? '', 'utf8'), text('b'));
  assert.equal(existsSync(c ?? ''), false);
  assert.ok(cli('history', 'show', '2').stdout.includes(text('a-by-hand')));
  assert.equal(cli('rollback', '2').code, 0);
  assert.equal(readFileSync(c ?? '', 'utf8'), text('c'));
  assert.equal(existsSync(b ?? ''), false);
});

test('what does not load is put in place by force only; what is not there is said', async (t) => {
  const place = placeFor(t);
  const { file, cli } = place;
  assert.equal(cli('history').code, 1);
  assert.match(cli('history', '-c', file).stderr, /there is no history of .*kong\.yaml/);
  const withVariable = yaml(81).replace('pay.test', '${PAY_HOST}');
  writeFileSync(file, withVariable);
  await keep(place, file);
  writeFileSync(file, yaml(82));
  assert.match(cli('rollback', '7').stderr, /there is no version 7; .*\(1 to 1\)/);
  const refused = cli('rollback', '1');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /PAY_HOST[\s\S]*version 1 does not load here.*--force/);
  assert.equal(readFileSync(file, 'utf8'), yaml(82));
  assert.deepEqual(numbersOf(cli('history')), ['1']);
  assert.equal(cli('rollback', '1', '--force').code, 0);
  assert.equal(readFileSync(file, 'utf8'), withVariable);
});
