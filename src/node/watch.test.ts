/** The file watch with real files: every way a file changes, and what is no change. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SILENT, type Logger } from '../log.ts';
import { watchFile } from './watch.ts';

interface Watched {
  /** Resolves with the next text. */
  next(): Promise<unknown>;
  /** Resolves with the next warning. */
  warned(): Promise<unknown>;
  readonly seen: readonly string[];
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'silverback-watch-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function start(t: TestContext, file: string, initial: string): Promise<Watched> {
  const events = new EventEmitter();
  const seen: string[] = [];
  const log: Logger = {
    ...SILENT,
    warn: (_fields, message) => void events.emit('warned', message),
  };
  const watch = await watchFile({
    file,
    initial,
    log,
    onChange(text) {
      seen.push(text);
      events.emit('change', text);
    },
  });
  t.after(() => watch.close());
  const event = (name: string) => async (): Promise<unknown> => {
    const [value]: unknown[] = await once(events, name, { signal: AbortSignal.timeout(10_000) });
    return value;
  };
  return { seen, next: event('change'), warned: event('warned') };
}

test('written in place, renamed over, deleted and back', async (t) => {
  const file = join(folder(t), 'kong.yaml');
  writeFileSync(file, 'one');
  const watched = await start(t, file, 'one');

  let change = watched.next();
  writeFileSync(file, 'two');
  assert.equal(await change, 'two');

  change = watched.next();
  writeFileSync(`${file}.new`, 'three');
  renameSync(`${file}.new`, file);
  assert.equal(await change, 'three');

  const warning = watched.warned();
  rmSync(file);
  assert.match(String(await warning), /gone/);

  change = watched.next();
  writeFileSync(file, 'four');
  assert.equal(await change, 'four');
  assert.deepEqual(watched.seen, ['two', 'three', 'four']);
});

test('the same bytes are no change', async (t) => {
  const file = join(folder(t), 'kong.yaml');
  writeFileSync(file, 'one');
  const watched = await start(t, file, 'one');
  const change = watched.next();
  writeFileSync(`${file}.new`, 'one');
  renameSync(`${file}.new`, file);
  writeFileSync(file, 'two');
  await change;
  assert.deepEqual(watched.seen, ['two']);
});

test('a ConfigMap that Kubernetes replaces', async (t) => {
  const mount = folder(t);
  const version = (name: string, text: string): void => {
    mkdirSync(join(mount, name));
    writeFileSync(join(mount, name, 'kong.yaml'), text);
    symlinkSync(name, join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  };
  version('..1', 'one');
  symlinkSync(join('..data', 'kong.yaml'), join(mount, 'kong.yaml'));
  const watched = await start(t, join(mount, 'kong.yaml'), 'one');
  for (const [index, text] of ['two', 'three'].entries()) {
    const change = watched.next();
    version(`..${index + 2}`, text);
    // oxlint-disable-next-line no-await-in-loop -- each replacement is seen before the next
    assert.equal(await change, text);
  }
});

test('a symlink whose target is elsewhere', async (t) => {
  const target = join(folder(t), 'real.yaml');
  const file = join(folder(t), 'kong.yaml');
  writeFileSync(target, 'one');
  symlinkSync(target, file);
  const watched = await start(t, file, 'one');
  for (const text of ['two', 'three']) {
    const change = watched.next();
    writeFileSync(`${target}.new`, text);
    renameSync(`${target}.new`, target);
    // oxlint-disable-next-line no-await-in-loop -- each replacement is seen before the next
    assert.equal(await change, text);
  }
});

test('a file that is still being written is read when it is whole', async (t) => {
  const file = join(folder(t), 'kong.yaml');
  writeFileSync(file, 'one');
  const watched = await start(t, file, 'one');
  const change = watched.next();
  const whole = Array.from({ length: 20 }, (_, index) => `line ${index}\n`);
  writeFileSync(file, '');
  for (const line of whole) {
    appendFileSync(file, line);
    // oxlint-disable-next-line no-await-in-loop -- a slow writer
    await sleep(10);
  }
  assert.equal(await change, whole.join(''));
  assert.deepEqual(watched.seen.length, 1);
});
