/**
 * References to the surroundings inside of one text: `${NAME}`, `${NAME:-default}`, `${file:path}`, and
 * decK's `${{ env "DECK_NAME" }}`. Only these exact forms count; any other dollar is left alone.
 */
import type { ConfigIssue } from '../errors.ts';
import { PLACEHOLDER, readTemplate, type DeckTemplates } from './deck/templates.ts';
import { nearest } from './suggest.ts';

/** Where values come from. */
export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * The text of a file. Throws UnreadableFileError.
   * @param folder where a relative path starts
   */
  readonly readFile: (path: string, folder: string) => string;
}

/** Why a file gives no value, in words that follow its name: `is a folder`. */
export class UnreadableFileError extends Error {}

export interface ReferenceScope {
  readonly sources: ReferenceSources;
  /** Of the document's file. */
  readonly folder: string;
  /** What the text has in place of decK's templates. */
  readonly templates: DeckTemplates;
  /** Gets every reference and its value; defaults are not among them. */
  readonly resolved: Map<string, string>;
}

export interface ReplacedText {
  readonly text: string;
  /** True when the text was one reference and nothing else. */
  readonly isWhole: boolean;
  /** What has no value, and stays as written. */
  readonly problems: readonly ReferenceProblem[];
}

/** `$${…}` is the text `${…}`. */
const REFERENCE = new RegExp(
  [
    String.raw`\$?\$\{(?:file:(?<path>[^{}\n]+)|(?<name>[A-Za-z_]\w*)(?::-(?<fallback>[^{}]*))?)\}`,
    PLACEHOLDER.source,
  ].join('|'),
  'g',
);

/** A text that is read as `text` and not as a reference. Templates of decK's are not looked at. */
export const escapeReferences = (text: string): string =>
  text.replaceAll(
    /\$\{(?:file:[^{}\n]+|[A-Za-z_]\w*(?::-[^{}]*)?)\}/g,
    (reference) => `$${reference}`,
  );

export type ReferenceProblem = Omit<ConfigIssue, 'path'>;
type Value = string | ReferenceProblem;

export function replaceReferences(text: string, scope: ReferenceScope): ReplacedText {
  const problems: ReferenceProblem[] = [];
  let isWhole = false;
  let replaced = '';
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [reference] = match;
    replaced += text.slice(end, match.index);
    end = match.index + reference.length;
    if (reference.startsWith('$$')) {
      replaced += reference.slice(1);
      continue;
    }
    const value = valueOf(match.groups ?? {}, scope);
    if (typeof value !== 'string') problems.push(inPlace(value, text, reference));
    else isWhole = reference === text;
    replaced += typeof value === 'string' ? value : reference;
  }
  return { text: end === 0 ? text : replaced + text.slice(end), isWhole, problems };
}

/** A suggestion stands for the whole value, and not for the reference in it. */
function inPlace(
  { suggestion, ...problem }: ReferenceProblem,
  text: string,
  reference: string,
): ReferenceProblem {
  if (suggestion === undefined || text.length > SUGGESTION_MAX) return problem;
  return { ...problem, suggestion: text.replace(reference, () => suggestion) };
}

/** Characters. */
const SUGGESTION_MAX = 80;

type Groups = Readonly<Record<string, string | undefined>>;

function valueOf({ path, name, fallback, template }: Groups, scope: ReferenceScope): Value {
  if (path !== undefined) return fileValue(path, scope);
  if (name !== undefined) return variableValue(name, fallback, scope);
  const written = scope.templates[Number(template)] ?? '';
  const variable = readTemplate(written);
  if (variable === undefined) return { ...UNREADABLE_TEMPLATE, message: `cannot read ${written}` };
  if (!variable.startsWith('DECK_')) return wrongPrefix(variable);
  return variableValue(variable, undefined, scope);
}

function variableValue(
  name: string,
  fallback: string | undefined,
  { sources: { env }, resolved }: ReferenceScope,
): Value {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined && (value !== '' || fallback === undefined)) {
    resolved.set(`\${${name}}`, value);
    return value;
  }
  if (fallback !== undefined) return fallback;
  const near = nearest(name, Object.keys(env));
  return {
    code: 'SB1510',
    message: `the variable '${name}' is not set`,
    hint: `${near === undefined ? '' : `did you mean '${near}'? Else `}set it, write \${${name}:-default}, or write $\${${name}} if the text itself is meant`,
    ...(near !== undefined && { suggestion: `\${${near}}` }),
  };
}

function fileValue(path: string, { sources, folder, resolved }: ReferenceScope): Value {
  const reference = `\${file:${path}}`;
  try {
    const value = sources.readFile(path, folder).replace(/\r?\n$/, '');
    resolved.set(reference, value);
    return value;
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { code: 'SB1511', message: `the file '${path}' ${error.message}` };
  }
}

const UNREADABLE_TEMPLATE = {
  code: 'SB1424',
  hint: 'of decK\'s templates only ${{ env "DECK_NAME" }} with toInt, toFloat, toBool or indent is understood',
};

const wrongPrefix = (name: string): ReferenceProblem => ({
  code: 'SB1425',
  message: `the variable '${name}' does not begin with DECK_, as those of decK's templates must`,
  hint: `write \${${name}}`,
});
