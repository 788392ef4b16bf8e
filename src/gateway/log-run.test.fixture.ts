/** Log phases of compiled plugins: one request at a time, and a logger that keeps what it is told. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { applyPluginDefaults } from '../config/defaults.ts';
import type { Logger } from '../log.ts';
import type { Outcome, Plugin, PluginBuild, PluginPhases } from '../plugin.ts';
import {
  FakeContext,
  fakeBuild,
  fakeOutcome,
  type FakeRequest,
} from './fake-context.test.fixture.ts';
import { problemsOf } from './plugin-run.test.fixture.ts';

/** The phases of a valid config, with its defaults; closed with the test. */
export function compileLog<C>(
  t: TestContext,
  plugin: Plugin<C>,
  config: Partial<C>,
  build: Partial<PluginBuild> = {},
): PluginPhases {
  assert.deepEqual(problemsOf(plugin, config), []);
  const filled = applyPluginDefaults(plugin.name, { ...config });
  // The loader relies on the same: the schema is checked against the type by the generated types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const phases = plugin.compile(filled as never, { ...fakeBuild(), ...build });
  t.after(() => phases.close?.());
  return phases;
}

/** Logs one request; gives its path. */
export function logOne(
  phases: PluginPhases,
  request: FakeRequest = {},
  outcome: Outcome = fakeOutcome(),
): void {
  phases.log?.(new FakeContext(request), outcome);
}

export interface KeptLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** A logger and what it was told. */
export function keepingLogger(): { readonly log: Logger; readonly lines: readonly KeptLine[] } {
  const lines: KeptLine[] = [];
  const keep =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields, message });
  const log: Logger = {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    fatal: keep('fatal'),
    child: () => log,
  };
  return { log, lines };
}

/** Waits until `find` finds something: for what no event tells. */
export async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    // oxlint-disable-next-line no-await-in-loop -- it is asked again and again
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
