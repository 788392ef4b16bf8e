/** Source → one document of Kong's: parsed, references replaced, migrated, files merged, decK's words worked in. */
import { createHash } from 'node:crypto';
import { ConfigError, type ConfigIssue, type ConfigPath } from '../errors.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import { expandDeck } from './deck/expand.ts';
import { maskTemplates } from './deck/templates.ts';
import { interpolate } from './interpolate.ts';
import { mergeDocuments, type FileDocument } from './merge.ts';
import { isTooDeep, parseError, parseText, type TextFormat } from './parse.ts';
import type { LocatePath } from './positions.ts';
import type { ReferenceSources } from './references-in-text.ts';
import type { PluginSchemas } from './schemas.ts';

/** One text of a document. */
export interface DocumentText {
  readonly text: string;
  /** Name for messages. */
  readonly file?: string;
  readonly format: TextFormat;
  /**
   * Set for a file of the operator's: its references (`${NAME}`, `${file:…}`) are replaced, and relative
   * paths start here. Never set for what came over the network: that must not read this machine.
   */
  readonly folder?: string;
}

/** A declarative config before anything was checked. */
export type DocumentSource =
  | ({ readonly kind: 'text' } & DocumentText)
  /** One document in one or several files. */
  | { readonly kind: 'files'; readonly texts: readonly DocumentText[] }
  | { readonly kind: 'object'; readonly value: unknown };

/** The names of its files; none for what came through the Admin API. */
export function filesOf(source: DocumentSource): readonly string[] {
  if (source.kind === 'object') return [];
  const texts = source.kind === 'text' ? [source] : source.texts;
  return texts.flatMap(({ file }) => file ?? []);
}

export interface ReadDocument {
  readonly document: Fields;
  /** Before it was brought to format 3.0, where that can be said: for words about it. */
  readonly written: Fields;
  /** For passwords in the document; false when they are digests already. */
  readonly transform: boolean;
  readonly locate: LocatePath | undefined;
  /** The path in the file that has it. */
  readonly ownPath: (path: ConfigPath) => ConfigPath;
  /** Which text of the source has it, counted from 0. */
  readonly fileOf: (path: ConfigPath) => number;
  /** A message without the values of references: those may be secrets. */
  readonly hide: (message: string) => string;
  /** What the hash of the config is made of; `undefined` for a document that is no text. */
  readonly identity: string | undefined;
}

/** What ranges call a text that is no file. */
export const DEFAULT_FILE = 'declarative config';

/**
 * Reads a source to the point from which only entities matter. Throws ConfigError with every problem
 * of the texts, else of the references, else of how the files fit together and of decK's words.
 */
export function readDocument(
  source: DocumentSource,
  references: ReferenceSources | undefined,
  plugins?: PluginSchemas,
): ReadDocument {
  const resolved = new Map<string, string>();
  if (source.kind === 'object') {
    const files = [objectDocument(source.value)];
    return finish(files, { identity: undefined, resolved, plugins });
  }
  const texts = source.kind === 'text' ? [source] : source.texts;
  const files = collect(texts, (text) => readText(text, { references, resolved, plugins }));
  return finish(files, { identity: identityOf(texts, resolved), resolved, plugins });
}

/** Everything that any of them throws is thrown as one. */
function collect<T, R>(list: readonly T[], read: (element: T) => R): R[] {
  const results: R[] = [];
  const issues: ConfigIssue[] = [];
  for (const element of list) {
    try {
      results.push(read(element));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return results;
}

function objectDocument(value: unknown): FileDocument {
  if (typeof value !== 'object') throw parseError('SB1001', 'expected an object');
  if (isTooDeep(value)) throw parseError('SB1020', 'nested too deeply');
  return { document: asDocument(value), locate: undefined };
}

/** A document of nothing lacks its version; so does a list, which Kong cannot tell from it. */
const asDocument = (value: unknown): Fields => (isFields(value) ? value : {});

interface TextContext {
  readonly references: ReferenceSources | undefined;
  readonly resolved: Map<string, string>;
  readonly plugins: PluginSchemas | undefined;
}

function readText(
  { text, file = DEFAULT_FILE, format, folder }: DocumentText,
  { references: sources, resolved, plugins }: TextContext,
): FileDocument {
  if (folder === undefined || sources === undefined) {
    const { value, locate } = parseText(text, format, file);
    return { document: asDocument(value), locate };
  }
  const { text: masked, templates } = maskTemplates(text);
  const { value, locate } = parseText(masked, format, file);
  const scope = { sources, folder, templates, resolved };
  const { value: document, issues } = interpolate(asDocument(value), scope, plugins);
  if (issues.length > 0) throw new ConfigError(issues.map((issue) => at(issue, locate)));
  return { document, locate };
}

const at = (issue: ConfigIssue, locate: LocatePath | undefined): ConfigIssue => {
  const position = issue.position ?? locate?.(issue.path);
  return position === undefined ? issue : { ...issue, position };
};

interface FinishContext {
  readonly identity: string | undefined;
  readonly resolved: ReadonlyMap<string, string>;
  readonly plugins: PluginSchemas | undefined;
}

function finish(
  files: readonly FileDocument[],
  { identity, resolved, plugins }: FinishContext,
): ReadDocument {
  const merged = mergeDocuments(files);
  const { document, issues, hasDigests } = expandDeck(merged.document, plugins);
  const problems = [...merged.issues, ...issues];
  if (problems.length > 0) {
    throw new ConfigError(
      problems.map((issue) => at({ ...issue, path: merged.ownPath(issue.path) }, merged.locate)),
    );
  }
  return {
    document,
    written: document === merged.document ? merged.written : document,
    transform: document['_transform'] !== false && !hasDigests,
    locate: merged.locate,
    ownPath: merged.ownPath,
    fileOf: merged.fileOf,
    hide: hider(resolved),
    identity,
  };
}

/** Shorter values would hide words of the messages, and are no secrets. */
const HIDDEN_LENGTH_MIN = 4;

function hider(resolved: ReadonlyMap<string, string>): (message: string) => string {
  const hidden = [...resolved].filter(([, value]) => value.length >= HIDDEN_LENGTH_MIN);
  // The longest first: one value may hold another.
  hidden.sort(([, a], [, b]) => b.length - a.length);
  return (message) =>
    hidden.reduce((text, [reference, value]) => text.replaceAll(value, () => reference), message);
}

/** The text of a single file, as Kong has it; what references stand for counts as well. */
function identityOf(texts: readonly DocumentText[], resolved: ReadonlyMap<string, string>): string {
  const [only, ...others] = texts;
  if (only !== undefined && others.length === 0 && resolved.size === 0) return only.text;
  const all = [...texts.map(({ text }) => text), ...[...resolved].flat()];
  return all.map((each) => createHash('sha256').update(each).digest('hex')).join('\n');
}
