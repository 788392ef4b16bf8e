/** Loads come one at a time, and a bad one changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHash } from 'node:crypto';
import { emptyConfig, type DocumentSource } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import { ConfigError } from '../errors.ts';
import { BUNDLED } from '../gateway/plugins.ts';
import { SILENT, type Logger } from '../log.ts';
import { createConfigManager, type ConfigManager } from './config-manager.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const text = (value: string): DocumentSource => ({ kind: 'text', text: value, format: 'auto' });

interface Bench {
  readonly manager: ConfigManager;
  readonly applied: string[];
  readonly kept: DocumentSource[];
  readonly errors: object[];
  /** Lets the data plane finish one of the configs it is given, now or later. */
  readonly finish: () => void;
}

/** A data plane that waits for `finish` when `held`. The text `bad` does not load. */
function bench(held: boolean): Bench {
  const applied: string[] = [];
  const kept: DocumentSource[] = [];
  const errors: object[] = [];
  const finishers: (() => void)[] = [];
  let releases = 0;
  const release = (): void => {
    if (releases > 0 && finishers.length > 0) {
      releases -= 1;
      finishers.shift()?.();
    }
  };
  const log: Logger = { ...SILENT, error: (fields) => void errors.push(fields) };
  const manager = createConfigManager({
    initial: { config: emptyConfig(0), plugins: BUNDLED },
    log,
    async load(source) {
      assert.ok(source.kind === 'text');
      if (source.text === 'bad') throw new ConfigError([{ path: ['services'], message: 'is bad' }]);
      return {
        config: { ...emptyConfig(0), hash: md5(source.text) },
        sources: undefined,
        plugins: BUNDLED,
      };
    },
    dataPlane: {
      async apply(config: Config) {
        if (held) {
          await new Promise<void>((resolve) => {
            finishers.push(resolve);
            release();
          });
        }
        applied.push(config.hash);
      },
    },
    persist: (source) => Promise.resolve(void kept.push(source)),
  });
  const finish = (): void => {
    releases += 1;
    release();
  };
  return { manager, applied, kept, errors, finish };
}

test('what was applied is the config, and is kept', async () => {
  const { manager, applied, kept } = bench(false);
  const outcome = await manager.apply(text('a'), { checkHash: false });
  assert.equal(outcome.kind, 'applied');
  assert.equal(manager.config().hash, md5('a'));
  assert.deepEqual(applied, [md5('a')]);
  assert.deepEqual(kept, [text('a')]);
});

test('a bad document is rejected, logged with its problems, and changes nothing', async () => {
  const { manager, applied, kept, errors } = bench(false);
  await manager.apply(text('a'), { checkHash: false });
  const outcome = await manager.apply(text('bad'), { checkHash: false });
  assert.equal(outcome.kind, 'rejected');
  assert.equal(manager.config().hash, md5('a'));
  assert.deepEqual([applied.length, kept.length], [1, 1]);
  assert.deepEqual(errors, [
    { problems: ['error SB1601: services: is bad (change the setting that the message names)'] },
  ]);
});

test('the same text is unchanged only when asked', async () => {
  const { manager, applied } = bench(false);
  await manager.apply(text('a'), { checkHash: true });
  assert.equal((await manager.apply(text('a'), { checkHash: true })).kind, 'unchanged');
  assert.equal((await manager.apply(text('a'), { checkHash: false })).kind, 'applied');
  assert.equal(applied.length, 2);
});

test('during a load a request is busy; of several files the last one is loaded next', async () => {
  const { manager, applied, finish } = bench(true);
  const first = manager.reload(async () => text('a'));
  assert.equal((await manager.apply(text('b'), { checkHash: false })).kind, 'busy');
  const dropped = manager.reload(async () => text('c'));
  const last = manager.reload(async () => text('d'));
  assert.equal((await dropped).kind, 'busy');
  finish();
  assert.equal((await first).kind, 'applied');
  finish();
  assert.equal((await last).kind, 'applied');
  assert.deepEqual(applied, [md5('a'), md5('d')]);
});

test('a stopped manager takes nothing', async () => {
  const { manager } = bench(false);
  await manager.stop();
  assert.equal((await manager.apply(text('a'), { checkHash: false })).kind, 'exiting');
  assert.equal((await manager.reload(async () => text('a'))).kind, 'exiting');
});
