/** Mistakes in one value of a YAML text: signs without quotes, open quotes and brackets, unknown aliases and tags. */
import { nearest } from './suggest.ts';
import { at, type Recognise, type SourceLines, type SyntaxProblem } from './syntax-source.ts';

const tooDeep: Recognise = (source) => {
  if (!source.reason.includes('maxDepth')) return undefined;
  return {
    code: 'SB1020',
    summary: 'the document is nested deeper than 100 levels',
    ...at(source, source.line, [source.column, source.column + 1]),
  };
};

const tooManyAliases: Recognise = (source) => {
  if (!/^(?:merge keys|aliases) exceeded/.test(source.reason)) return undefined;
  return {
    code: 'SB1021',
    summary: 'the document repeats its parts too often',
    ...at(source, source.line, [source.column, source.column + 1]),
  };
};

const controlCharacter: Recognise = (source) => {
  if (!/null byte|non-printable|valid JSON character/.test(source.reason)) return undefined;
  return {
    code: 'SB1018',
    summary: 'the text holds a control character',
    ...at(source, source.line, [source.column, source.column + 1]),
  };
};

const alias: Recognise = (source) => {
  const name = /^unidentified alias "(.*)"$/s.exec(source.reason)?.[1];
  if (name === undefined) return undefined;
  const place = at(source, source.line, [source.column - 1, source.column + name.length]);
  const isStarred = source.text[place.start] === '*';
  const word = /^[\w-]+$/.test(name);
  const start = isStarred ? place.start : place.start + 1;
  const span = { start, end: start + name.length + 1 };
  if (!word) return unquoted(source, span, `*${name}`);
  const anchors = new Set([...source.text.matchAll(/&([\w-]+)/g)].map(([, anchor = '']) => anchor));
  const meant = nearest(name, anchors);
  return {
    code: 'SB1011',
    summary: `the alias '*${name}' names no anchor`,
    hint:
      meant === undefined
        ? `define '&${name}' above, or put the value in quotes`
        : `did you mean '*${meant}'?`,
    ...(meant !== undefined && { suggestion: `*${meant}` }),
    ...span,
  };
};

function unquoted(
  _source: SourceLines,
  span: { readonly start: number; readonly end: number },
  value: string,
): SyntaxProblem {
  const quoted = value.includes("'") ? JSON.stringify(value) : `'${value}'`;
  return {
    code: 'SB1008',
    summary: `a value that begins with ${value.slice(0, 1)} must be quoted`,
    hint: `put the value in quotes: ${quoted}`,
    suggestion: quoted,
    ...span,
  };
}

/** Values that begin with a sign of YAML: `@x`, `*`, `& b`, `` ` ``, `%x`, `{{ x }}`, `|x`. */
const sign: Recognise = (source) => {
  const line = source.lines[source.line] ?? '';
  const isSign =
    /alias node must contain|anchor node must contain|line break is expected|complex keys|verbatim tag|directive|bad indentation|separator is expected/;
  if (!isSign.test(source.reason)) return undefined;
  const found = /^(\s*(?:- +)*(?:[\w.-]+: +)?)([@`%*&|>].*?|\{\{.*?)\s*(?:\s#.*)?$/.exec(line);
  const isFirst =
    found !== null &&
    (/^[@`%]/.test(found[2] ?? '') || source.column <= (found[1] ?? '').length + 3);
  if (found === null || !isFirst) return templateBefore(source);
  const [, before = '', value = ''] = found;
  if (/^[|>][+-]?\d?$|^[{&*][\w-]/.test(value)) return undefined;
  return unquoted(
    source,
    at(source, source.line, [before.length, before.length + value.length]),
    value,
  );
};

/** `{{ … }}` of a template is a mapping with a mapping for a key: the complaint is at the whole. */
const templateBefore: Recognise = (source) => {
  if (!source.reason.includes('complex keys')) return undefined;
  const number = source.lines.findIndex((line) => /:\s+\{\{/.test(line) || /-\s+\{\{/.test(line));
  const line = source.lines[number];
  if (line === undefined) return undefined;
  const from = line.indexOf('{{');
  const value = line.slice(from).trimEnd();
  return unquoted(source, at(source, number, [from, from + value.length]), value);
};

const tag: Recognise = (source) => {
  if (!/\btag\b/.test(source.reason)) return undefined;
  const line = source.lines[source.line] ?? '';
  const from = Math.max(0, line.slice(0, source.column + 1).lastIndexOf('!'));
  const [name = '!'] = /^!\S*/.exec(line.slice(from)) ?? [];
  return {
    code: 'SB1012',
    summary: `the tag '${name}' means nothing here`,
    ...at(source, source.line, [from, from + name.length]),
  };
};

const merge: Recognise = (source) => {
  if (!source.reason.includes('cannot merge')) return undefined;
  const line = source.lines[source.line] ?? '';
  const from = Math.max(0, line.indexOf('<<'));
  return {
    code: 'SB1014',
    summary: "'<<' merges mappings, and this value is none",
    ...at(source, source.line, [from, line.trimEnd().length]),
  };
};

const escape: Recognise = (source) => {
  if (!/escape sequence|hexadecimal/.test(source.reason)) return undefined;
  const line = source.lines[source.line] ?? '';
  const from = Math.max(0, line.lastIndexOf('\\', source.column));
  return {
    code: 'SB1017',
    summary: `'${line.slice(from, from + 2)}' is no escape sequence of text in double quotes`,
    hint: 'use single quotes, or write two backslashes',
    ...at(source, source.line, [from, from + 2]),
  };
};

/** A quote or bracket that nothing closes: looked for upwards from the complaint. */
const unclosed: Recognise = (source) => {
  if (
    !/deficient indentation|unexpected end|missed comma|flow collection|mapping key/.test(
      source.reason,
    )
  ) {
    return undefined;
  }
  for (let number = source.line; number >= Math.max(0, source.line - 200); number--) {
    const line = source.lines[number] ?? '';
    const open = openAt(line);
    // A bracket at the end of its line has its elements below: one of them may be what is wrong.
    const isMultiline = open !== undefined && open.column === line.trimEnd().length - 1;
    if (open === undefined || (isMultiline && source.reason.includes('missed comma'))) continue;
    const what = /["']/.test(open.sign) ? 'quote' : 'bracket';
    return {
      code: what === 'quote' ? 'SB1006' : 'SB1007',
      summary: `the ${what} ${open.sign} is never closed`,
      hint: `write ${CLOSING.get(open.sign) ?? open.sign} where the value ends`,
      ...at(source, number, [open.column, open.column + 1]),
    };
  }
  if (!source.reason.includes('missed comma')) return undefined;
  const place = at(source, source.line, [source.column, source.column + 1]);
  const isBracket = /[\]}]/.test(source.text[place.start] ?? '');
  if (isBracket) {
    const summary = `${source.text[place.start]} closes no bracket that is open`;
    return {
      code: 'SB1007',
      summary,
      hint: 'close with the bracket that belongs to the opening one',
      ...place,
    };
  }
  return {
    code: 'SB1016',
    summary: 'a comma is missing between two elements',
    hint: 'write a comma before it',
    ...place,
  };
};

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['{', '}'],
]);

/** The first quote or bracket of a line that its rest does not close. */
function openAt(line: string): { readonly sign: string; readonly column: number } | undefined {
  const open: { readonly sign: string; readonly column: number }[] = [];
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? '';
    const before = line.slice(0, i);
    const begins = /(?:^|[:,[{-])\s*$/.test(before);
    if (char === '#' && /(?:^|\s)$/.test(before)) break;
    if ((char === '"' || char === "'") && begins) {
      const rest = line.slice(i + 1);
      const body = char === '"' ? /^(?:[^"\\]|\\.)*"/ : /^(?:[^']|'')*'/;
      const closed = body.exec(rest);
      if (closed === null) return { sign: char, column: i };
      i += closed[0].length;
    } else if ((char === '[' || char === '{') && (begins || open.length > 0)) {
      open.push({ sign: char, column: i });
    } else if ((char === ']' || char === '}') && open.length > 0) open.pop();
  }
  return open[0];
}

/** `a: "x" y`: text behind a value that its quotes had ended. */
const afterQuote: Recognise = (source) => {
  const line = source.lines[source.line] ?? '';
  const found = /^(\s*(?:- +)*[\w.-]+: +)(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(\s*)([^\s#].*)$/.exec(
    line,
  );
  if (found === null) return undefined;
  const from = line.length - (found[3] ?? '').length;
  return {
    code: 'SB1019',
    summary: 'the value goes on after its closing quote',
    hint: 'put the whole value in quotes, and double or escape the quotes in it',
    ...at(source, source.line, [from, line.trimEnd().length]),
  };
};

/** In the order of how sure each is. */
export const VALUE_MISTAKES: readonly Recognise[] = [
  tooDeep,
  tooManyAliases,
  controlCharacter,
  alias,
  merge,
  escape,
  unclosed,
  sign,
  tag,
  afterQuote,
];
