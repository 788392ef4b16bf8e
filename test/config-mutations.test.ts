/** Reports of mutated configs: a typo, a wrong type, a dangling reference or a broken indent is found where it was made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosticsOf, type Diagnostic } from '../src/config/diagnostic.ts';
import { loadConfig } from '../src/config/load.ts';
import { PLUGIN_NAMES } from '../src/config/schemas.ts';
import { ConfigError } from '../src/errors.ts';
import { checkPattern } from '../src/router/regex.ts';
import { mutate, realConfigs, type Mutation } from './support/mutations.ts';

const COUNT = 300;
const SEED = 20_261_125;

function diagnose(text: string): readonly Diagnostic[] {
  try {
    const source = { kind: 'text', text, file: 'kong.yaml', format: 'auto' } as const;
    loadConfig(source, { plugins: PLUGIN_NAMES, now: 0, checkPathRegex: checkPattern });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return diagnosticsOf(error);
    throw error;
  }
}

const share = (part: number, of: number): string =>
  `${part}/${of} (${Math.round((part / of) * 100)}%)`;

test('the configs that are mutated have no problems themselves', () => {
  for (const { name, text } of realConfigs()) assert.deepEqual(diagnose(text), [], name);
});

test(`${COUNT} mutated configs: reports point at the mutated line, typos are understood`, (t) => {
  const mutations = mutate(realConfigs(), COUNT, SEED);
  assert.equal(mutations.length, COUNT);
  const missed: string[] = [];
  const located = new Map<string, [hits: number, all: number]>();
  let understood = 0;
  for (const mutation of mutations) {
    const found = diagnose(mutation.text);
    const isHit = found.some(({ range }) => range?.line === mutation.line);
    const count = located.get(mutation.kind) ?? [0, 0];
    located.set(mutation.kind, [count[0] + Number(isHit), count[1] + 1]);
    const isUnderstood = found.some((diagnostic) => namesWord(diagnostic, mutation));
    understood += Number(isUnderstood && mutation.kind === 'typo');
    if (!isHit || (mutation.kind === 'typo' && !isUnderstood))
      missed.push(describe(mutation, found));
  }
  for (const [kind, [hits, all]] of located)
    t.diagnostic(`${kind}: ${share(hits, all)} at the line`);
  const [hits, all] = [...located.values()].reduce(([a, b], [c, d]) => [a + c, b + d]);
  const typos = located.get('typo')?.[1] ?? 0;
  t.diagnostic(
    `all: ${share(hits, all)} at the line; the right word for ${share(understood, typos)} typos`,
  );
  const list = `seed ${SEED}\n${missed.join('\n')}`;
  assert.ok(hits / all >= 0.95, list);
  assert.ok(understood / typos >= 0.9, list);
});

/** True where the report says the word that the typo was made from. */
const namesWord = ({ suggestion, help }: Diagnostic, { word }: Mutation): boolean =>
  word !== undefined && (suggestion === word || help.includes(`'${word}'`));

const describe = ({ kind, name, line, change }: Mutation, found: readonly Diagnostic[]): string =>
  `${kind} in ${name}:${line}: ${change} → ${
    found.map(({ code, range, help }) => `${code} at ${range?.line} (${help})`).join('; ') ||
    'accepted'
  }`;
