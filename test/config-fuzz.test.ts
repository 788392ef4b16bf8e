/** Mutation fuzzing of the loader: whatever the bytes, it loads or refuses, soon, and with nothing but ConfigError. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosticsOf } from '../src/config/diagnostic.ts';
import { loadConfig } from '../src/config/load.ts';
import { PLUGIN_NAMES } from '../src/config/schemas.ts';
import { ConfigError } from '../src/errors.ts';
import { renderPretty } from '../src/report/pretty.ts';
import { checkPattern } from '../src/router/regex.ts';
import { realConfigs, seeded, type Random } from './support/mutations.ts';

/** Seconds; a script may run it for hours. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 30);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
const MILLISECONDS_A_KILOBYTE = 50;
/** For a collection of garbage that happens to fall into a load. */
const GRACE_MS = 200;

const FRAGMENTS: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '\n',
  '\n\n',
  '\t',
  ' ',
  '  ',
  '#',
  '"',
  "'",
  '|',
  '>',
  '&a ',
  '*a',
  '<<: *a',

  '!!binary ',
  '!x ',
  '%',
  '@',
  '`',
  '\0',
  '\uFEFF',
  '\u2028',
  '\uD800',
  '---\n',
  '...\n',
  '? ',
  '~',
  'null',
  'on',

  '1e999',
  '0x1F',
  '010',
  '1:30',
  '.inf',
  '-',
  '__proto__: ',
  'constructor: ',
  '{vault://env/x}',
  '${X}',
  '${',
  '9'.repeat(40),

  'services:\n',
  'routes:\n  - ',
  'plugins: [{ name: jwt }]\n',
  'paths: ["~/(a+)+$"]',
  '_info: {}\n',
  '*'.repeat(50),
];

type Change = (text: string, random: Random) => string;

const CHANGES: readonly Change[] = [
  (text, random) =>
    splice(text, random(text.length + 1), 0, FRAGMENTS[random(FRAGMENTS.length)] ?? ''),
  (text, random) => splice(text, random(text.length + 1), 1 + random(8), ''),
  (text, random) =>
    splice(
      text,
      random(text.length + 1),
      1,
      String.fromCharCode(random(random(20) === 0 ? 65_536 : 128)),
    ),
  (text, random) => {
    const from = random(text.length + 1);
    const part = text.slice(from, from + random(200));
    return splice(text, random(text.length + 1), 0, part);
  },
  (text, random) => {
    const lines = text.split('\n');
    const [moved = ''] = lines.splice(random(lines.length), 1);
    lines.splice(random(lines.length + 1), 0, ' '.repeat(random(9)) + moved.trimStart());
    return lines.join('\n');
  },
  (text, random) => text.slice(0, random(text.length + 1)),
];

const splice = (text: string, at: number, remove: number, insert: string): string =>
  text.slice(0, at) + insert + text.slice(at + remove);

test(`${SECONDS} s of mutated configs (FUZZ_SEED=${SEED})`, (t) => {
  const random = seeded(SEED);
  const configs = realConfigs();
  // What is compiled on first use does not count.
  for (const { text } of configs) reportOf(text);
  const end = performance.now() + SECONDS * 1000;
  let count = 0;
  let refused = 0;
  let slowest = 0;
  while (performance.now() < end) {
    let text = configs[random(configs.length)]?.text ?? '';
    for (let changes = 1 + random(4); changes > 0; changes--) {
      text = CHANGES[random(CHANGES.length)]?.(text, random) ?? text;
    }
    const start = process.cpuUsage();
    const report = reportOf(text);
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    count += 1;
    refused += Number(report !== '');
    slowest = Math.max(slowest, took / (1 + text.length / 1024));
    const limit = GRACE_MS + (text.length / 1024) * MILLISECONDS_A_KILOBYTE;
    assert.ok(took < limit, `${Math.round(took)} ms for ${text.length} characters\n${text}`);
    assert.doesNotMatch(report, /^\s+at .*\(.*:\d+:\d+\)$/m, `a stack in the report of\n${text}`);
  }
  t.diagnostic(`${count} configs, ${refused} refused, at most ${slowest.toFixed(1)} ms a kilobyte`);
  assert.ok(count > SECONDS * 5 && refused > 0);
});

/** '' for a config that loads. */
function reportOf(text: string): string {
  try {
    const source = { kind: 'text', text, file: 'kong.yaml', format: 'auto' } as const;
    loadConfig(source, { plugins: PLUGIN_NAMES, now: 0, checkPathRegex: checkPattern });
    return '';
  } catch (error) {
    assert.ok(error instanceof ConfigError, `${String(error)}\n${text}`);
    const diagnostics = diagnosticsOf(error);
    assert.ok(diagnostics.length > 0);
    return renderPretty(diagnostics, { texts: new Map([['kong.yaml', text]]), color: false });
  }
}
