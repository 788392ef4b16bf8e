/** Plain values as the text of a YAML or JSON document: in lines, or in brackets. */
import { parseText } from '../config/parse.ts';
import type { PlainValue } from './text-change.ts';

/** How a document is written. */
export interface TextStyle {
  readonly isJson: boolean;
  readonly newline: '\n' | '\r\n';
  /** Spaces by which a member is deeper than what it belongs to. */
  readonly step: number;
  /** Spaces by which the dashes of a list are deeper than its name. */
  readonly dash: number;
}

/** False for YAML that is no JSON. */
export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

type PlainRecord = { readonly [name: string]: PlainValue };

const isPlainList = (value: PlainValue): value is readonly PlainValue[] => Array.isArray(value);

export const isPlainRecord = (value: PlainValue): value is PlainRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `name: value` in lines; those after the first are indented. Ends without a line end. */
export function memberText(
  name: string,
  value: PlainValue,
  indent: number,
  style: TextStyle,
): string {
  return `${scalarText(name, style)}:${valueText(value, indent, style)}`;
}

/** What stands behind a name and its colon, the space included; `indent` is that of the name. */
export function valueText(value: PlainValue, indent: number, style: TextStyle): string {
  if (typeof value === 'string') return ` ${stringText(value, indent, style)}`;
  if (isPlainList(value) && value.length > 0) {
    const column = indent + style.dash;
    return `${style.newline}${' '.repeat(column)}${listText(value, column, style)}`;
  }
  if (isPlainRecord(value) && Object.keys(value).length > 0) {
    const column = indent + style.step;
    return `${style.newline}${' '.repeat(column)}${mapText(value, column, style)}`;
  }
  return ` ${flowText(value, style)}`;
}

/** The elements in lines; `indent` is that of the dashes. */
export function listText(list: readonly PlainValue[], indent: number, style: TextStyle): string {
  const separator = `${style.newline}${' '.repeat(indent)}`;
  return list.map((element) => elementText(element, indent, style)).join(separator);
}

/** One element with its dash. */
export function elementText(element: PlainValue, indent: number, style: TextStyle): string {
  if (typeof element === 'string') return `- ${stringText(element, indent, style)}`;
  if (isPlainList(element) && element.length > 0)
    return `- ${listText(element, indent + 2, style)}`;
  if (isPlainRecord(element) && Object.keys(element).length > 0) {
    return `- ${mapText(element, indent + 2, style)}`;
  }
  return `- ${flowText(element, style)}`;
}

/** The members in lines. */
export function mapText(record: PlainRecord, indent: number, style: TextStyle): string {
  const separator = `${style.newline}${' '.repeat(indent)}`;
  return Object.entries(record)
    .map(([name, value]) => memberText(name, value, indent, style))
    .join(separator);
}

/** In brackets on one line. */
export function flowText(value: PlainValue, style: TextStyle): string {
  if (isPlainList(value)) return `[${value.map((each) => flowText(each, style)).join(', ')}]`;
  if (isPlainRecord(value)) {
    const members = Object.entries(value).map(
      ([name, member]) => `${flowScalar(name, style)}: ${flowText(member, style)}`,
    );
    if (members.length === 0) return '{}';
    return style.isJson ? `{${members.join(', ')}}` : `{ ${members.join(', ')} }`;
  }
  return flowScalar(value, style);
}

/** In brackets over several lines, as JSON is written; `indent` is that of the line it begins on. */
export function prettyText(value: PlainValue, indent: number, style: TextStyle): string {
  const text = JSON.stringify(value, null, style.step);
  return text.replaceAll('\n', `${style.newline}${' '.repeat(indent)}`);
}

type PlainScalar = string | number | boolean | null;
const flowScalar = (value: PlainScalar, style: TextStyle): string =>
  typeof value === 'string' && !style.isJson && isWord(value) ? value : doubleQuoted(value);

const scalarText = (value: PlainScalar, style: TextStyle): string =>
  typeof value === 'string' && !style.isJson && readsAsItself(value) ? value : doubleQuoted(value);

/** A text after a colon or a dash, as plain as it may be. */
export function stringText(text: string, indent: number, style: TextStyle): string {
  if (isBlockText(text)) return blockText(text, indent, style);
  return scalarText(text, style);
}

/** A single quoted text, if it can be one. */
export const singleQuoted = (text: string): string | undefined =>
  /^[\x20-\x7e\xa0-\ud7ff]*$/.test(text) && !hasTemplate(text)
    ? `'${text.replaceAll("'", "''")}'`
    : undefined;

/** What a reader of YAML 1.1 or JSON takes for the value, whatever characters it has. */
export function doubleQuoted(value: PlainScalar): string {
  const text = JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ue000\ue001]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  // decK's templates are looked for in the text before it is parsed.
  return text.replaceAll('${{', '\\u0024{{');
}

const hasTemplate = (text: string): boolean => /\$\{\{|[\ue000\ue001]/.test(text);

const WORD = /^[A-Za-z_/][\w/.-]*$/;
const NO_WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Texts that are plain everywhere; most names, paths and hosts are. */
const isWord = (text: string): boolean => WORD.test(text) && !NO_WORD.test(text);

/** What a plain text may begin and end with. */
const PLAIN = /^[^\s"'[\]{},#&*!|>%@`](?:.*[^\s:])?$/;
/** Tabs, controls, and what does not show: editors lose them. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u00A0]/u;

function readsAsItself(text: string): boolean {
  if (isWord(text)) return true;
  if (!PLAIN.test(text) || HIDDEN.test(text)) return false;
  if (hasTemplate(text)) return false;
  try {
    const { value } = parseText(`- ${text}\n`, 'yaml', '');
    return Array.isArray(value) && value.length === 1 && value[0] === text;
  } catch {
    return false;
  }
}

/** Several lines that a literal block gives back as they are: keys and certificates. */
const isBlockText = (text: string): boolean =>
  text.includes('\n') &&
  /^[\x21-\x7e][\n\x20-\x7e\xa1-\ud7ff]*$/.test(text) &&
  !/[ ]$|[ ]\n|\n\n$/.test(text) &&
  !hasTemplate(text);

function blockText(text: string, indent: number, style: TextStyle): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const margin = ' '.repeat(indent + style.step);
  const body = lines.map((line) => (line === '' ? '' : `${margin}${line}`)).join(style.newline);
  return `|${text.endsWith('\n') ? '' : '-'}${style.newline}${body}`;
}
