/** Texts with `$(expression)` in them. */
import type { Environment } from './environment.ts';
import { compileExpression, type Evaluate } from './expression.ts';
import { textOf } from './values.ts';

export interface Template {
  /** False for a text without expressions: then `render` needs no environment. */
  readonly isDynamic: boolean;
  render(env: Environment | undefined): string;
}

/** Throws TemplateError. */
export function compileTemplate(source: string): Template {
  const parts: (string | Evaluate)[] = [];
  let end = 0;
  for (let start = source.indexOf('$('); start !== -1; start = source.indexOf('$(', end)) {
    const close = closingAt(source, start + 1);
    // As with Kong, a parenthesis that nothing closes is text.
    if (close === -1) break;
    parts.push(source.slice(end, start));
    parts.push(compileExpression(source.slice(start + 2, close), start + 2));
    end = close + 1;
  }
  const rest = source.slice(end);
  if (parts.length === 0) return { isDynamic: false, render: () => rest };
  return {
    isDynamic: true,
    render(env) {
      if (env === undefined) return '';
      const texts = parts.map((part) => (typeof part === 'string' ? part : textOf(part(env))));
      return texts.join('') + rest;
    },
  };
}

/** Where the parenthesis at `open` is closed, whatever stands between; -1 if it is not. */
function closingAt(source: string, open: number): number {
  let depth = 0;
  for (let i = open; i < source.length; i++) {
    if (source[i] === '(') depth++;
    else if (source[i] === ')' && --depth === 0) return i;
  }
  return -1;
}
