/**
 * A declarative text, YAML or JSON, with some of its values changed. Everything else keeps its bytes:
 * comments, order, quotes, blank lines. What comes out is read again, and given out only if it means
 * what it should.
 */
import { isDeepStrictEqual } from 'node:util';
import { YAMLException } from 'js-yaml';
import { isFields } from '../config/checks/field-issue.ts';
import { parseText } from '../config/parse.ts';
import { maskTemplates, unmask } from '../config/deck/templates.ts';
import { ConfigError } from '../errors.ts';
import { flowText, isJsonText, mapText, prettyText, type TextStyle } from './plain-text.ts';
import { applyChange, changeOf, isPlain, type InnerChange, type ValueEdit } from './text-change.ts';
import { columnOf, readTextNodes, type TextNode } from './text-nodes.ts';
import { spliced, type Splice } from './splice.ts';
import { splicesOf } from './text-splices.ts';
import { UneditableTextError } from './yaml-text.ts';

export { UneditableTextError } from './yaml-text.ts';
export type { ValueEdit } from './text-change.ts';

const BOM = '\uFEFF';

/**
 * The value of a text as it stands, references and all, with placeholders for decK's templates;
 * nothing but comments and white space is an empty record. Throws ConfigError.
 */
export function valueOfText(text: string, file: string): unknown {
  if (isBlankText(text)) return {};
  return parseText(maskTemplates(text).text, 'auto', file).value;
}

/** The same with the templates themselves: placeholders have numbers, which change. */
function meaningOf(text: string, file: string): unknown {
  const { templates } = maskTemplates(text);
  const value = valueOfText(text, file);
  return templates.length === 0 ? value : unmasked(value, templates);
}

function unmasked(value: unknown, templates: readonly string[]): unknown {
  if (typeof value === 'string') return unmask(value, templates);
  if (Array.isArray(value)) return value.map((each) => unmasked(each, templates));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, unmasked(member, templates)]),
  );
}

/** True for a text of nothing but comments and white space. */
export const isBlankText = (text: string): boolean =>
  text
    .replace(BOM, '')
    .replaceAll(/^\s*(?:#.*)?$/gm, '')
    .trim() === '';

/** Throws UneditableTextError for a text in which the values cannot be changed one by one, and ConfigError for none at all. */
export function editText(text: string, edits: readonly ValueEdit[], file: string): string {
  const change = changeOf(edits);
  const expected = applyChange(meaningOf(text, file), change);
  const attempts = [
    () => spliceText(text, change),
    () => spliceText(withoutAliases(text), change),
    () => rewriteJson(text, expected),
  ];
  for (const attempt of attempts) {
    const edited = tryEdit(attempt);
    if (edited !== undefined && means(edited, expected)) return edited;
  }
  throw new UneditableTextError(
    'it is written in a way that cannot be changed value by value; edit it by hand, or format it with `silverback fmt` first',
  );
}

function tryEdit(attempt: () => string | undefined): string | undefined {
  try {
    return attempt();
  } catch (error) {
    if (
      error instanceof YAMLException ||
      error instanceof TypeError ||
      error instanceof RangeError
    ) {
      return undefined;
    }
    throw error;
  }
}

function means(text: string, expected: unknown): boolean {
  try {
    return isDeepStrictEqual(meaningOf(text, ''), expected);
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function spliceText(written: string, change: InnerChange): string {
  const bom = written.startsWith(BOM) ? BOM : '';
  const text = written.slice(bom.length);
  if (isBlankText(text)) return bom + startText(text, change);
  const masked = maskTemplates(text).text;
  const root = readTextNodes(masked);
  const style = styleOf(text, root);
  const value = parseText(masked, 'auto', '').value;
  const place = { node: root, value, indent: -style.step, inFlow: style.isJson };
  return bom + spliced(text, splicesOf(place, change, { text: masked, style, splicesOf }));
}

/** The first values of a text that has none. */
function startText(text: string, change: InnerChange): string {
  const value = applyChange({}, change);
  if (!isPlain(value) || !isFields(value)) throw new TypeError('a document is a record');
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${mapText(value, 0, { isJson: false, newline: '\n', step: 2, dash: 2 })}\n`;
}

/** As the text itself does it. */
function styleOf(text: string, root: TextNode): TextStyle {
  const isJson = isJsonText(text);
  const first = root.members.find(
    ({ node }) => node.kind === 'list' && !node.isFlow && node.items.length > 0,
  );
  const dash =
    first === undefined ? 2 : columnOf(text, first.node.start) - columnOf(text, first.nameStart);
  return {
    isJson,
    newline: text.includes('\r\n') ? '\r\n' : '\n',
    step: isJson ? jsonStep(text) : 2,
    dash,
  };
}

const jsonStep = (text: string): number => /^\{\r?\n( +)"/.exec(text)?.[1]?.length ?? 2;

/** Every alias as what it stands for, so that one of them can change alone. */
function withoutAliases(text: string): string {
  const masked = maskTemplates(text).text;
  const root = readTextNodes(masked);
  const style = styleOf(text, root);
  const { value } = parseText(masked, 'auto', '');
  const splices: Splice[] = [];
  const walk = (node: TextNode, meant: unknown): void => {
    if (node.kind === 'alias') {
      if (!isPlain(meant)) throw new TypeError('an alias of no value');
      splices.push({ start: node.start, end: node.end, insert: flowText(meant, style) });
    }
    for (const [index, item] of node.items.entries())
      walk(item, Array.isArray(meant) ? meant[index] : undefined);
    for (const { name, node: inner } of node.members) {
      if (name === '<<') throw new TypeError('a merge is more than one value');
      walk(inner, isFields(meant) ? meant[name] : undefined);
    }
  };
  walk(root, value);
  return spliced(text, splices);
}

/** JSON that YAML reads otherwise has no comments to lose. */
function rewriteJson(text: string, expected: unknown): string | undefined {
  if (!isJsonText(text) || !isPlain(expected)) return undefined;
  const style = { isJson: true, newline: '\n', step: jsonStep(text), dash: 0 } as const;
  return `${prettyText(expected, 0, style)}\n`;
}
