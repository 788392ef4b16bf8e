/** Declarative documents that stand in this repository: examples, golden files, and all that Kong was asked to load. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFields } from '../../src/config/checks/field-issue.ts';
import { EXAMPLE_NAMES } from './examples.ts';

const root = join(import.meta.dirname, '../..');

export interface CorpusDocument {
  readonly name: string;
  readonly text: string;
}

/** In a fixed order. */
export async function readCorpus(): Promise<CorpusDocument[]> {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const examples = EXAMPLE_NAMES.map((name) => `examples/${name}/kong.yaml`);
  const golden = readdirSync(join(root, 'test/golden/config')).map((file) => {
    const name = `test/golden/config/${file}`;
    return { name, text: read(name).split(/^-{10,}\n/m)[0] ?? '' };
  });
  return [
    ...['kong.yaml', ...examples].map((name) => ({ name, text: read(name) })),
    ...golden,
    ...(await readSuites()),
  ];
}

/** The configs of the conformance suites, and what their cases post to `/config`. */
async function readSuites(): Promise<CorpusDocument[]> {
  const folder = join(root, 'test/conformance/suites');
  const suites = await Promise.all(
    readdirSync(folder).map(async (file) => {
      const module: unknown = await import(join(folder, file));
      const blocks: unknown = isFields(module) ? module['default'] : undefined;
      return listOf(blocks).flatMap((block) => documentsOf(file, block));
    }),
  );
  return suites.flat();
}

const PLACES = { A: 'http://127.0.0.1:1', B: 'http://127.0.0.1:2', aPort: 1, bPort: 2, dead: 3 };

function documentsOf(file: string, block: unknown): CorpusDocument[] {
  if (!isFields(block) || typeof block['config'] !== 'function') return [];
  const name = `${file}: ${String(block['name'])}`;
  const posted = listOf(block['cases']).flatMap((each) => {
    const text = postedText(each);
    return text === undefined ? [] : [{ name: `${name} › ${String(each['name'])}`, text }];
  });
  return [{ name, text: String(block['config'](PLACES)) }, ...posted];
}

function postedText({ admin, request }: Readonly<Record<string, unknown>>): string | undefined {
  if (admin !== true || !isFields(request) || request['method'] !== 'POST') return undefined;
  const { path, body } = request;
  if (!String(path).startsWith('/config') || typeof body !== 'string') return undefined;
  const value = parseJson(body);
  if (!isFields(value)) return undefined;
  return typeof value['config'] === 'string' ? value['config'] : body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isFields) : [];
