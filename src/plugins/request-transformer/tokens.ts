/** The words of an expression: names, texts, numbers and signs, each with its place. */

/** What is wrong with a template; the message says where. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export type Token =
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  | { readonly kind: 'sign'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const TOKEN =
  /\s*(?:(?<name>[A-Za-z_]\w*)|(?<number>0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?<text>"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')|(?<sign>\.\.\.|\.\.|==|~=|<=|>=|[-+*/%^#<>=(){}[\];:,.]))/y;

/** @param offset where the expression stands in its template. Throws TemplateError. */
export function tokenize(source: string, offset: number): Token[] {
  const tokens: Token[] = [];
  const scanner = new RegExp(TOKEN);
  let end = 0;
  for (let match = scanner.exec(source); match !== null; match = scanner.exec(source)) {
    const { name, number, text, sign } = match.groups ?? {};
    const at = offset + scanner.lastIndex - (name ?? number ?? text ?? sign ?? '').length;
    end = scanner.lastIndex;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (text !== undefined) tokens.push({ kind: 'text', text: unquote(text, at), at });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, at });
  }
  const rest = source.slice(end).trimStart();
  const at = offset + source.length - rest.length;
  if (rest !== '') throw new TemplateError(`'${rest[0]}' is not understood ${placeOf(at)}`);
  return [...tokens, { kind: 'end', text: '', at: offset + source.length }];
}

/** Counted from 1, as editors do. */
export const placeOf = (at: number): string => `at character ${at + 1}`;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);

function unquote(quoted: string, at: number): string {
  return quoted.slice(1, -1).replaceAll(/\\([^])/g, (_, letter: string) => {
    const character = ESCAPES.get(letter);
    if (character !== undefined) return character;
    throw new TemplateError(`the escape \\${letter} is not understood ${placeOf(at)}`);
  });
}
