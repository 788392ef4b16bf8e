/** Mistakes in how lines of a YAML text belong together: tabs, colons, dashes, indentation. */
import { findMisplacedLine } from './indentation.ts';
import {
  at,
  indentOf,
  isBlank,
  lineBefore,
  type Recognise,
  type SourceLines,
} from './syntax-source.ts';

export const tab: Recognise = (source) => {
  if (!source.reason.includes('tab characters')) return undefined;
  const line = source.lines[source.line] ?? '';
  const from = line.indexOf('\t');
  return {
    code: 'SB1003',
    summary: 'the line is indented with a tab, and YAML allows spaces only',
    hint: 'replace every tab at its beginning by two spaces',
    ...at(source, source.line, [Math.max(0, from), Math.max(0, from) + 1]),
  };
};

/** `a: b: c`. */
const innerColon: Recognise = (source) => {
  const line = source.lines[source.line] ?? '';
  const found = /^(\s*(?:- +)*[^\s:#"'[{][^:#]*: +)([^\s"'[{|>&*!#].*?:(?:\s.*|$))/.exec(line);
  if (found === null) return undefined;
  const [, before = '', rest = ''] = found;
  const value = rest.replace(/\s+#.*$/, '').trimEnd();
  return {
    code: 'SB1010',
    summary: 'the value holds a colon followed by a space, which begins another value',
    hint: `put the value in quotes: ${value.includes('"') ? `'${value}'` : `"${value}"`}`,
    suggestion: JSON.stringify(value),
    ...at(source, source.line, [before.length, before.length + value.length]),
  };
};

/** `name:a`, in the line of the complaint or the one above. */
const gluedColon: Recognise = (source) => {
  for (const number of [source.line, lineBefore(source, source.line)]) {
    const line = source.lines[number] ?? '';
    const found = /^(\s*(?:- +)*[A-Za-z_][\w-]*):([^\s:/].*)$/.exec(line);
    if (found === null || /: /.test(line.slice(0, (found[1] ?? '').length + 1))) continue;
    const [, name = '', value = ''] = found;
    return {
      code: 'SB1004',
      summary: `'${name.replace(/^[\s-]+/, '')}' and its value are glued together by the colon`,
      hint: `write a space after the colon: ${name.replace(/^[\s-]+/, '')}: ${value.trim()}`,
      ...at(source, number, [name.length, name.length + 1]),
    };
  }
  return undefined;
};

/** `host` or `host = x` where a name and a value belong. */
const missingColon: Recognise = (source) => {
  for (const number of [lineBefore(source, source.line), source.line]) {
    const line = source.lines[number] ?? '';
    const found = /^(\s*(?:- +)*)([A-Za-z_][\w-]*)(?: *(=) *|\s+)?([^:#]*)$/.exec(line);
    if (found === null || /^\s*- +[^=]*$/.test(line)) continue;
    const [, before = '', name = '', equals] = found;
    return {
      code: 'SB1015',
      summary: `there is no colon after '${name}'`,
      hint: equals === undefined ? `write ${name}: and its value` : 'write : in place of =',
      ...at(source, number, [before.length, before.length + name.length]),
    };
  }
  return undefined;
};

/** A dash beside fields, or a field beside dashes. */
const missingDash: Recognise = (source) => {
  const line = source.lines[source.line] ?? '';
  const indent = indentOf(line);
  const isDash = /^\s*-(?:\s|$)/.test(line);
  const first = firstOfBlock(source, indent);
  const opening = source.lines[first] ?? '';
  const isListExpected = /:\s*$/.test(source.lines[lineBefore(source, first)] ?? '');
  if (isDash && !isListExpected) return undefined;
  if (first < 0 || first === source.line || /^\s*-(?:\s|$)/.test(opening) === isDash)
    return undefined;
  const number = isDash ? first : source.line;
  const shown = source.lines[number] ?? '';
  const other = isDash ? source.line : first;
  return {
    code: 'SB1009',
    summary: 'the line stands in a list, and does not begin with a dash',
    hint: 'write a dash and a space before it, or indent it below the element it belongs to',
    ...at(source, number, [indent, shown.trimEnd().length]),
    related: { message: 'an element of the list', ...at(source, other, [indent, indent + 1]) },
  };
};

/** The first line of the block of lines with that indentation that the complaint is in. */
function firstOfBlock({ lines, line }: SourceLines, indent: number): number {
  let first = -1;
  for (let number = line - 1; number >= 0; number--) {
    const text = lines[number] ?? '';
    if (isBlank(text)) continue;
    if (indentOf(text) < indent) break;
    if (indentOf(text) === indent) first = number;
  }
  return first;
}

const indentation: Recognise = (source) => {
  const found = findMisplacedLine(source);
  if (found === undefined) return undefined;
  const { line, indent } = found;
  const text = source.lines[line] ?? '';
  const now = indentOf(text);
  const spaces = Math.abs(indent - now);
  return {
    code: 'SB1005',
    summary: `the line begins in column ${now + 1}, which no line around it continues`,
    hint: `${indent > now ? 'add' : 'remove'} ${spaces} space${spaces === 1 ? '' : 's'}, so that it begins in column ${indent + 1}`,
    ...at(source, line, [now, text.trimEnd().length]),
  };
};

/** In the order of how sure each is. */
export const LINE_MISTAKES: readonly Recognise[] = [
  gluedColon,
  innerColon,
  missingColon,
  missingDash,
  indentation,
];
