/** Real configs and copies of them with one mistake each, the same for the same seed. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { EXAMPLE_NAMES } from './examples.ts';

export interface NamedConfig {
  readonly name: string;
  readonly text: string;
}

export type MutationKind = 'typo' | 'type' | 'reference' | 'indent';

export interface Mutation {
  readonly kind: MutationKind;
  /** Of the config. */
  readonly name: string;
  readonly text: string;
  /** The mutated one; counts from 1. */
  readonly line: number;
  /** What was there and what is there now. */
  readonly change: string;
  /** The word that a typo was made from. */
  readonly word: string | undefined;
}

const root = join(import.meta.dirname, '../..');

/** The project's own configs, and those in the style of large installations. */
export function realConfigs(): NamedConfig[] {
  const examples = EXAMPLE_NAMES.map((name) => `examples/${name}/kong.yaml`);
  const written = readdirSync(join(root, 'test/support/configs')).map(
    (name) => `test/support/configs/${name}`,
  );
  return [...examples, 'kong.yaml', ...written].map((name) => ({
    name,
    text: readFileSync(join(root, name), 'utf8'),
  }));
}

export type Random = (below: number) => number;

/** Mulberry32: small, and the same everywhere. */
export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const KINDS: readonly MutationKind[] = ['typo', 'type', 'reference', 'indent'];

/** As many mutations of each kind; a line is not mutated twice in the same way. */
export function mutate(configs: readonly NamedConfig[], count: number, seed: number): Mutation[] {
  const random = seeded(seed);
  const seen = new Set<string>();
  const mutations: Mutation[] = [];
  for (let tries = 0; mutations.length < count && tries < count * 1000; tries++) {
    const kind = KINDS[mutations.length % KINDS.length] ?? 'typo';
    const config = configs[random(configs.length)];
    const mutation = config && mutateOnce(config, kind, random);
    if (mutation === undefined || seen.has(mutation.text)) continue;
    seen.add(mutation.text);
    mutations.push(mutation);
  }
  return mutations;
}

function mutateOnce(
  { name, text }: NamedConfig,
  kind: MutationKind,
  random: Random,
): Mutation | undefined {
  const lines = text.split('\n');
  const number = random(lines.length);
  const line = lines[number] ?? '';
  if (!isPlain(lines, number)) return undefined;
  const changed = MUTATORS[kind](line, random);
  if (changed === undefined || changed.line === line) return undefined;
  const mutated = lines.with(number, changed.line).join('\n');
  if (meansTheSame(text, mutated)) return undefined;
  return {
    kind,
    name,
    text: mutated,
    line: number + 1,
    change: `${line.trim()} ⇒ ${changed.line.trim()}`,
    word: changed.word,
  };
}

/** True where YAML does not care, as for the indentation of a list with one element. */
function meansTheSame(text: string, mutated: string): boolean {
  try {
    return JSON.stringify(load(mutated)) === JSON.stringify(load(text));
  } catch {
    return false;
  }
}

/** Comments, blank lines, and what is inside of a text of several lines are left alone. */
function isPlain(lines: readonly string[], number: number): boolean {
  const line = lines[number] ?? '';
  if (/^\s*(?:#.*)?$/.test(line) || /^\s*[^:]*-----/.test(line)) return false;
  const indent = line.length - line.trimStart().length;
  for (let above = number - 1; above >= 0; above--) {
    const text = lines[above] ?? '';
    if (text.trim() === '') continue;
    if (text.length - text.trimStart().length < indent) return !/[|>][+-]?\s*(?:#.*)?$/.test(text);
  }
  return true;
}

interface Changed {
  readonly line: string;
  readonly word?: string;
}

type Mutator = (line: string, random: Random) => Changed | undefined;

const FIELD = /^(\s*(?:- )*)([a-z_]{4,}):(\s|$)/;

/** The name of a field, of a plugin or of an enumeration with one slip of the finger. */
const typo: Mutator = (line, random) => {
  const [, before = '', name = ''] = FIELD.exec(line) ?? [];
  // What is below a comment or a map has names that nothing knows.
  if (name === '' || name.startsWith('_')) return undefined;
  const rest = line.slice(before.length + name.length);
  return { line: `${before}${slip(name, random)}${rest}`, word: name };
};

function slip(word: string, random: Random): string {
  const at = 1 + random(word.length - 2);
  switch (random(5)) {
    case 0:
      return word.slice(0, at) + word.slice(at + 1);
    case 1:
      return word.slice(0, at) + word.slice(at, at + 1) + word.slice(at);
    case 2:
      return word.slice(0, at) + 'x' + word.slice(at + 1);
    case 3:
      return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
    default:
      return word.includes('_')
        ? word.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
        : `${word.slice(0, at)}e${word.slice(at)}`;
  }
}

/** Numbers and booleans become words, texts numbers, lists one text. */
const type: Mutator = (line) => {
  const found = /^(\s*(?:- )*(\w+): )(\S.*)$/.exec(line);
  if (found === null) return undefined;
  const [, before = '', name = '', value = ''] = found;
  if (name.startsWith('_') || /^[&*|>{]/.test(value)) return undefined;
  if (/^\d+$/.test(value)) return { line: `${before}many` };
  if (/^(?:true|false)$/.test(value)) return { line: `${before}12` };
  if (value.startsWith('[')) return { line: `${before}7` };
  return /^[a-z/"'][^#]*$/i.test(value) ? { line: `${before}[4711]` } : undefined;
};

const REFERENCE =
  /^(\s*(?:- )*)(service|route|consumer|consumer_group|certificate): (['"]?)([\w.-]+)\3$/;

const reference: Mutator = (line, random) => {
  const found = REFERENCE.exec(line);
  if (found === null) return undefined;
  const [, before = '', field = '', , name = ''] = found;
  return { line: `${before}${field}: ${slip(name, random)}`, word: name };
};

/** One column or two to the left or right. */
const indent: Mutator = (line, random) => {
  const spaces = line.length - line.trimStart().length;
  const shift = [-1, 1, -2, 2, 3][random(5)] ?? 1;
  if (spaces < 4 || spaces + shift < 0) return undefined;
  return { line: ' '.repeat(spaces + shift) + line.trimStart() };
};

const MUTATORS: Readonly<Record<MutationKind, Mutator>> = { typo, type, reference, indent };
