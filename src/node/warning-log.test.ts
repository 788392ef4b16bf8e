/** The warnings of what runs, found by a real process of their own. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { DocumentSource } from '../config/load.ts';
import { BUNDLED } from '../gateway/plugins.ts';
import { SILENT, type Logger } from '../log.ts';
import { createWarningLog, type WarningLog } from './warning-log.ts';

const document = (name: string, path = '/a/{id}'): DocumentSource => ({
  kind: 'text',
  file: 'kong.yaml',
  format: 'yaml',
  text: `_format_version: "3.0"\nroutes:\n  - { name: ${name}, paths: ['${path}'] }\n`,
});

interface Line {
  readonly warnings: readonly string[];
  readonly message: string;
}

interface Bench {
  readonly warnings: WarningLog;
  readonly lines: readonly Line[];
  /** Resolves with the next line. */
  readonly next: () => Promise<unknown>;
}

function bench(t: TestContext, logLevel: 'notice' | 'error' = 'notice'): Bench {
  const events = new EventEmitter();
  const lines: Line[] = [];
  const log: Logger = {
    ...SILENT,
    warn(fields, message) {
      const warnings: unknown = Reflect.get(fields, 'warnings');
      lines.push({ warnings: Array.isArray(warnings) ? warnings.map(String) : [], message });
      events.emit('line');
    },
  };
  const warnings = createWarningLog({ plugins: [], interpolate: true, logLevel }, log, 0);
  t.after(() => warnings.close());
  return { warnings, lines, next: () => once(events, 'line', { signal: t.signal }) };
}

test('one line for a document, and none for the one it replaced', async (t) => {
  const { warnings, lines, next } = bench(t);
  warnings.look(document('replaced'), BUNDLED);
  warnings.look(document('first'), BUNDLED);
  await next();
  assert.deepEqual(lines, [
    {
      warnings: [
        "kong.yaml:3:28: warning SB2020: '/a/{id}' of route 'first' looks like a template, but the path is taken letter by letter (write a regular expression with a named group, e.g. '~/users/(?<id>[^/]+)$')",
      ],
      message:
        'the declarative config has 1 warning; `silverback validate kong.yaml` shows where and why',
    },
  ]);
});

test('nobody looks for what the log level hides', async (t) => {
  const { warnings, lines } = bench(t, 'error');
  warnings.look(document('hidden'), BUNDLED);
  const loud = bench(t);
  loud.warnings.look(document('shown'), BUNDLED);
  await loud.next();
  assert.deepEqual(lines, []);
});
