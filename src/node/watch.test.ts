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
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SILENT, type Logger } from '../log.ts';
import type { DocumentSource } from '../config/read.ts';
import { createDocumentReader } from './document-files.ts';
import { createReferences } from './references.ts';
import { watchDocument } from './watch.ts';

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

/** The texts of all files, in their order. */
const textsOf = (source: DocumentSource): string =>
  source.kind === 'files' ? source.texts.map(({ text }) => text).join('+') : '';

interface StartOptions {
  readonly paths: readonly string[];
  /** What a load does with the texts: asks for files, say. */
  readonly load?: (references: ReturnType<typeof createReferences>) => void;
}

async function start(t: TestContext, { paths, load }: StartOptions): Promise<Watched> {
  const events = new EventEmitter();
  const seen: string[] = [];
  const log: Logger = {
    ...SILENT,
    warn: (_fields, message) => void events.emit('warned', message),
  };
  const reader = createDocumentReader(paths);
  const references = createReferences({});
  load?.(references);
  const watch = await watchDocument({
    reader,
    initial: await reader.read(),
    references: references.files,
    log,
    async onChange(read) {
      const source = await read();
      if (source === undefined) return;
      references.begin();
      load?.(references);
      seen.push(textsOf(source));
      events.emit('change', textsOf(source));
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
  const watched = await start(t, { paths: [file] });

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
  const watched = await start(t, { paths: [file] });
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
  const watched = await start(t, { paths: [join(mount, 'kong.yaml')] });
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
  const watched = await start(t, { paths: [file] });
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
  const watched = await start(t, { paths: [file] });
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

test('a folder: a new file, a changed one, a removed one, and what is no document', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'b.yaml'), 'b');
  const watched = await start(t, { paths: [path] });
  const steps: readonly (readonly [() => void, string])[] = [
    [() => writeFileSync(join(path, 'a.json'), 'a'), 'a+b'],
    [() => writeFileSync(join(path, 'b.yaml'), 'B'), 'a+B'],
    [() => rmSync(join(path, 'a.json')), 'B'],
  ];
  for (const [step, expected] of steps) {
    const change = watched.next();
    writeFileSync(join(path, 'notes.txt'), expected);
    step();
    // oxlint-disable-next-line no-await-in-loop -- each change is seen before the next
    assert.equal(await change, expected);
  }
  assert.equal(watched.seen.length, 3);
});

test('the last file of a folder is gone: the config that runs goes on', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'a.yaml'), 'a');
  const watched = await start(t, { paths: [path] });
  const warning = watched.warned();
  rmSync(join(path, 'a.yaml'));
  assert.match(String(await warning), /gone/);
  assert.deepEqual(watched.seen, []);
});

test('several files: each of them counts', async (t) => {
  const [one, two] = [join(folder(t), 'one.yaml'), join(folder(t), 'two.yaml')];
  writeFileSync(one, '1');
  writeFileSync(two, '2');
  const watched = await start(t, { paths: [one, two] });
  let change = watched.next();
  writeFileSync(two, 'two');
  assert.equal(await change, '1+two');
  change = watched.next();
  writeFileSync(one, 'one');
  assert.equal(await change, 'one+two');
});

test('a ConfigMap mounted as a folder', async (t) => {
  const mount = folder(t);
  const version = (name: string, texts: Readonly<Record<string, string>>): void => {
    mkdirSync(join(mount, name));
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(mount, name, file), text);
    symlinkSync(name, join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  };
  version('..1', { 'a.yaml': 'a' });
  symlinkSync(join('..data', 'a.yaml'), join(mount, 'a.yaml'));
  const watched = await start(t, { paths: [mount] });
  let change = watched.next();
  version('..2', { 'a.yaml': 'A', 'b.yaml': 'B' });
  assert.equal(await change, 'A');
  change = watched.next();
  symlinkSync(join('..data', 'b.yaml'), join(mount, 'b.yaml'));
  assert.equal(await change, 'A+B');
});

test('a file that a reference names: missing, there, changed', async (t) => {
  const [documents, secrets] = [folder(t), folder(t)];
  const [file, secret] = [join(documents, 'kong.yaml'), join(secrets, 'key')];
  writeFileSync(file, 'text');
  const watched = await start(t, {
    paths: [file],
    load({ sources }) {
      try {
        sources.readFile(secret, '/');
      } catch {
        // The load is refused, and the watch goes on.
      }
    },
  });
  for (const value of ['first', 'second']) {
    const change = watched.next();
    writeFileSync(`${secret}.new`, value);
    renameSync(`${secret}.new`, secret);
    // oxlint-disable-next-line no-await-in-loop -- each change is seen before the next
    assert.equal(await change, 'text');
  }
  assert.equal(watched.seen.length, 2);
});

/** Whether this process watches anything. */
const isWatching = (): boolean => process.getActiveResourcesInfo().includes('FSEventWrap');

test('closed while it looks at a change, it watches nothing any more', async (t) => {
  const file = join(folder(t), 'kong.yaml');
  writeFileSync(file, 'one');
  const reader = createDocumentReader([file]);
  const events = new EventEmitter();
  const watch = await watchDocument({
    reader,
    initial: await reader.read(),
    references: () => new Map(),
    log: SILENT,
    async onChange() {
      events.emit('looking');
      await once(events, 'go on');
    },
  });
  // The first look is at what was written before the watch began.
  await once(events, 'looking');
  const closing = watch.close();
  events.emit('go on');
  await closing;
  // A watch begins with some looks at the disk, and ends a moment after it was told to.
  // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
  for (let looks = 0; looks < 50; looks++) await stat(file);
  const end = performance.now() + 5000;
  // oxlint-disable-next-line no-await-in-loop -- that is what waiting is
  while (isWatching() && performance.now() < end) await sleep(10);
  assert.ok(!isWatching());
});
