/**
 * Expressions in templates: a small part of Lua's, read when the config is loaded. Nothing of a config is
 * ever run as code; what is not understood is refused, and what a request lacks is `nil`.
 */
import { TABLE_NAMES, type Environment, type TableName } from './environment.ts';
import { FUNCTION_NAMES, functionNamed } from './functions.ts';
import { applyBinary, applyUnary } from './operators.ts';
import { placeOf, TemplateError, tokenize, type Token } from './tokens.ts';
import { isTable, isTruthy, type Value } from './values.ts';

export type Evaluate = (env: Environment) => Value;

/** Deeper nesting than a person writes. */
const DEPTH_MAX = 50;

/** @param offset where the expression stands in its template. Throws TemplateError. */
export function compileExpression(source: string, offset: number): Evaluate {
  const parser = new Parser(tokenize(source, offset));
  return parser.whole();
}

/** From the loosest to the tightest; `..` binds to the right, which makes no difference to a text. */
const LEVELS: readonly (readonly string[])[] = [
  ['<', '>', '<=', '>=', '~=', '=='],
  ['..'],
  ['+', '-'],
  ['*', '/', '%'],
];

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['nil', undefined],
  ['true', true],
  ['false', false],
]);

const isTableName = (name: string): name is TableName =>
  (TABLE_NAMES as readonly string[]).includes(name); // widened for `includes` only

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Evaluate {
    if (this.#peek().kind === 'end') throw this.#unexpected();
    const evaluate = this.#or();
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return evaluate;
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { kind: 'end', text: '', at: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  /** Takes a sign or a word if it comes next. */
  #take(text: string): boolean {
    const token = this.#peek();
    const isIt = (token.kind === 'sign' || token.kind === 'name') && token.text === text;
    if (isIt) this.#position++;
    return isIt;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected(`'${text}' is missing`);
  }

  #unexpected(problem?: string): TemplateError {
    const { kind, text, at } = this.#peek();
    if (kind === 'end')
      return new TemplateError(`${problem ?? 'a value is missing'} ${placeOf(at)}`);
    const found = `'${text}' cannot stand ${placeOf(at)}`;
    return new TemplateError(problem === undefined ? found : `${problem}: ${found}`);
  }

  #or(): Evaluate {
    if (++this.#depth > DEPTH_MAX) throw new TemplateError(`nested more than ${DEPTH_MAX} deep`);
    let left = this.#and();
    while (this.#take('or')) {
      const [first, second] = [left, this.#and()];
      left = (env) => {
        const value = first(env);
        return isTruthy(value) ? value : second(env);
      };
    }
    this.#depth--;
    return left;
  }

  #and(): Evaluate {
    let left = this.#binary(0);
    while (this.#take('and')) {
      const [first, second] = [left, this.#binary(0)];
      left = (env) => {
        const value = first(env);
        return isTruthy(value) ? second(env) : value;
      };
    }
    return left;
  }

  #binary(level: number): Evaluate {
    const signs = LEVELS[level];
    if (signs === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind !== 'sign' || !signs.includes(text)) return left;
      this.#position++;
      const [first, second] = [left, this.#binary(level + 1)];
      left = (env) => applyBinary(text, first(env), second(env));
    }
  }

  #unary(): Evaluate {
    for (const sign of ['not', '-', '#']) {
      if (!this.#take(sign)) continue;
      if (++this.#depth > DEPTH_MAX) throw new TemplateError(`nested more than ${DEPTH_MAX} deep`);
      const operand = this.#unary();
      this.#depth--;
      return (env) => applyUnary(sign, operand(env));
    }
    return this.#suffixed();
  }

  #suffixed(): Evaluate {
    let subject = this.#primary();
    for (;;) {
      if (this.#take('.')) subject = member(subject, this.#name());
      else if (this.#take('[')) {
        const key = this.#or();
        this.#expect(']');
        subject = indexed(subject, key);
      } else if (this.#take(':')) subject = this.#call(`string.${this.#name()}`, subject);
      else return subject;
    }
  }

  #primary(): Evaluate {
    const token = this.#peek();
    switch (token.kind) {
      case 'text':
        this.#position++;
        return () => token.text;
      case 'number': {
        this.#position++;
        const number = Number(token.text);
        return () => number;
      }
      case 'name':
        return this.#named();
      case 'sign': {
        if (!this.#take('(')) throw this.#unexpected();
        const inner = this.#or();
        this.#expect(')');
        return inner;
      }
      case 'end':
        throw this.#unexpected();
    }
  }

  #named(): Evaluate {
    const { text: name, at } = this.#next();
    if (isTableName(name)) return (env) => env[name];
    if (WORDS.has(name)) {
      const value = WORDS.get(name);
      return () => value;
    }
    if (name === 'string' && this.#take('.')) return this.#call(`string.${this.#name()}`);
    if (functionNamed(name) !== undefined) return this.#call(name);
    const known = [...TABLE_NAMES, ...FUNCTION_NAMES].join(', ');
    throw new TemplateError(`'${name}' is not known ${placeOf(at)}; there are: ${known}`);
  }

  #name(): string {
    const token = this.#peek();
    if (token.kind !== 'name') throw this.#unexpected('a name is missing');
    this.#position++;
    return token.text;
  }

  #call(name: string, subject?: Evaluate): Evaluate {
    const apply = functionNamed(name);
    if (apply === undefined) {
      const known = FUNCTION_NAMES.join(', ');
      throw new TemplateError(`the function '${name}' is not known; there are: ${known}`);
    }
    this.#expect('(');
    const args = subject === undefined ? [] : [subject];
    while (!this.#take(')')) {
      args.push(this.#or());
      if (!this.#take(',') && this.#peek().text !== ')') throw this.#unexpected("')' is missing");
    }
    return (env) => apply(...args.map((arg) => arg(env)));
  }
}

function member(subject: Evaluate, name: string): Evaluate {
  return (env) => {
    const value = subject(env);
    return isTable(value) ? value.get(name) : undefined;
  };
}

function indexed(subject: Evaluate, key: Evaluate): Evaluate {
  return (env) => {
    const value = subject(env);
    const name = key(env);
    const isKey = typeof name === 'string' || typeof name === 'number';
    return isTable(value) && isKey ? value.get(name) : undefined;
  };
}
