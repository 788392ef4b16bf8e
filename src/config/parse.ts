/** Text → plain value, with limits that keep a hostile text from costing more than its size. */
import {
  EVENT_ID,
  NOT_RESOLVED,
  Schema,
  YAML11_SCHEMA,
  YAMLException,
  binaryTag,
  boolYaml11Tag,
  constructFromEvents,
  defineScalarTag,
  timestampTag,
} from 'js-yaml';
import { ConfigError, type ConfigIssue } from '../errors.ts';
import { createLocator, positionAt, rangeAt, type LocatePath } from './positions.ts';
import { recogniseSyntaxProblem } from './syntax-error.ts';
import { readYamlEvents } from './yaml-events.ts';

export type TextFormat = 'yaml' | 'json' | 'auto';

export interface ParsedText {
  readonly value: unknown;
  readonly locate: LocatePath;
}

/** Characters of a text: five thousand services need less than one million. */
const LENGTH_MAX = 32 * 1024 * 1024;
/** Line ends, commas and colons of a text: a document has about as many values. */
const MARKS_MAX = 1_500_000;
const DEPTH_MAX = 100;
const ALIASES_MAX = 100_000;
const MERGE_KEYS_MAX = 250_000;
/** Nodes after every alias is replaced by what it stands for. */
const NODES_MAX = 2_000_000;

/** Kong's reader takes `yes`, `no`, `on` and `off` for booleans, but not a lone `y` or `n`. */
const boolTag = defineScalarTag(boolYaml11Tag.tagName, {
  ...boolYaml11Tag,
  resolve: (source, isExplicit, tagName) =>
    source.length === 1 ? NOT_RESOLVED : boolYaml11Tag.resolve(source, isExplicit, tagName),
});

/** Kong reads a date as the text it is. */
const SCHEMA = new Schema(
  YAML11_SCHEMA.tags
    .filter((tag) => tag !== timestampTag && tag !== binaryTag)
    .map((tag) => (tag === boolYaml11Tag ? boolTag : tag)),
);

/**
 * Reads the first document of a text. `auto` is JSON when it is that, else YAML 1.1.
 * Throws ConfigError with Kong's wording (`failed parsing declarative configuration: …`).
 * @param file name for messages
 */
export function parseText(text: string, format: TextFormat, file: string): ParsedText {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  refuseTooLarge(source, file);
  const value = format === 'yaml' ? parseYaml(source, file) : parseJson(source, format, file);
  const isNothing = value === undefined || (value === null && source.trim() === '');
  if (isNothing || (typeof value !== 'object' && value !== null)) {
    throw parseError('SB1001', 'expected an object', {
      summary: isNothing ? 'the document is empty' : 'the document is no mapping of lists',
      position: positionAt(source, 0, file),
    });
  }
  if (isTooDeep(value)) {
    const reason = `nested deeper than ${DEPTH_MAX} levels`;
    throw parseError('SB1020', reason, { position: positionAt(source, 0, file) });
  }
  return { value, locate: createLocator(source, file) };
}

/** Before anything is made of it: reading costs many times the size. */
function refuseTooLarge(text: string, file: string): void {
  const offset = text.length > LENGTH_MAX ? LENGTH_MAX : endOfMarks(text);
  if (offset === undefined) return;
  throw parseError('SB1022', 'the text is too large', {
    summary: 'the document is larger than one gateway loads; the limit is reached here',
    position: positionAt(text, offset, file),
  });
}

/** Where the text has had as many marks as it may. */
function endOfMarks(text: string): number | undefined {
  // Each mark is a character: a shorter text cannot have too many.
  if (text.length <= MARKS_MAX) return undefined;
  let left = MARKS_MAX;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code === LINE_END || code === COMMA || code === COLON) && left-- === 0) return i;
  }
  return undefined;
}

const [LINE_END, COMMA, COLON] = [0x0a, 0x2c, 0x3a];

/** True for what is nested deeper than a document may be. Stops at the limit, so cycles are no danger. */
export function isTooDeep(value: unknown, level = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (level >= DEPTH_MAX) return true;
  return Object.values(value).some((member) => isTooDeep(member, level + 1));
}

type ParseErrorDetails = Pick<
  ConfigIssue,
  'summary' | 'hint' | 'suggestion' | 'position' | 'related'
> & { readonly cause?: unknown };

/** The error for a source that is no document at all. */
export function parseError(
  code: string,
  reason: string,
  { cause, ...words }: ParseErrorDetails = {},
): ConfigError {
  const issue: ConfigIssue = {
    code,
    path: [],
    kongPath: ['error'],
    message: `failed parsing declarative configuration: ${reason}`,
    summary: `the document cannot be read: ${reason}`,
    ...words,
  };
  return new ConfigError([issue], { cause });
}

function parseJson(text: string, format: TextFormat, file: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (format === 'json' || (typeof value === 'object' && value !== null)) return value;
  } catch (error) {
    if (format === 'json') {
      const reason = error instanceof Error ? error.message : String(error);
      const offset = Number(/position (\d+)/.exec(reason)?.[1] ?? text.length);
      const position = positionAt(text, offset, file);
      throw parseError('SB1013', reason, { position, cause: error });
    }
  }
  return parseYaml(text, file);
}

function parseYaml(text: string, file: string): unknown {
  try {
    const events = readYamlEvents(text, DEPTH_MAX);
    const second = events.findIndex((event, i) => i > 0 && event.type === EVENT_ID.DOCUMENT);
    const first = second < 0 ? events : events.slice(0, second);
    const [value] = constructFromEvents(first, {
      source: text,
      schema: SCHEMA,
      json: true,
      maxAliases: ALIASES_MAX,
      maxTotalMergeKeys: MERGE_KEYS_MAX,
    });
    const alias = first.find((event) => event.type === EVENT_ID.ALIAS);
    if (alias !== undefined && countNodes(value, new Map()) > NODES_MAX) {
      const position = positionAt(text, alias.anchorStart - 1, file);
      throw parseError('SB1021', `aliases expand to more than ${NODES_MAX} values`, { position });
    }
    return value;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw syntaxError(text, file, error);
  }
}

/** Kong's words are those of its parser, at the parser's place; ours are at the mistake. */
function syntaxError(text: string, file: string, error: YAMLException): ConfigError {
  const { reason } = error;
  const offset = error.mark?.position ?? 0;
  const { line, column } = positionAt(text, offset, file);
  const { start, end, related, ...problem } = recogniseSyntaxProblem(text, { reason, offset });
  return parseError(problem.code, `${line}:${column}: ${reason}`, {
    ...problem,
    position: rangeAt(text, { start, end }, file),
    ...(related && {
      related: [{ message: related.message, range: rangeAt(text, related, file) }],
    }),
    cause: error,
  });
}

/** Each shared value is looked into once; a value that holds itself counts as endless. */
function countNodes(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const count = known.get(value);
  if (count !== undefined) return count;
  known.set(value, Number.POSITIVE_INFINITY);
  let total = 1;
  for (const member of Object.values(value)) total += countNodes(member, known);
  known.set(value, total);
  return total;
}
