/** Text of a test file → what it says; every mistake with its place and what to do. */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isFields } from '../../config/checks/field-issue.ts';
import { parseText } from '../../config/parse.ts';
import { nearest } from '../../config/suggest.ts';
import { ConfigError, type ConfigIssue, type ConfigPath } from '../../errors.ts';
import type { LoadedTests, TestFile } from './test-file.ts';

/** The schema of test files, as it is published. */
export const testsSchemaText = (): string =>
  readFileSync(new URL('../../../schemas/tests.schema.json', import.meta.url), 'utf8');

let compiled: ValidateFunction<TestFile> | undefined;

function check(): ValidateFunction<TestFile> {
  const schema: object = JSON.parse(testsSchemaText());
  compiled ??= new Ajv({
    strict: true,
    strictRequired: false,
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    ownProperties: true,
    formats: { regex: isRegex },
  }).compile<TestFile>(schema);
  return compiled;
}

function isRegex(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'u'));
  } catch {
    return false;
  }
}

/** What is wrong is the member itself, and not its value. */
const BY_NAME: ReadonlySet<string | undefined> = new Set(['SB1101', 'SB1202', 'SB1204']);

/** Throws ConfigError with every mistake. @param file for messages */
export function readTests(text: string, file: string): LoadedTests {
  const { value, locate } = parseText(text, 'auto', file);
  const validate = check();
  const located = (issue: ConfigIssue): ConfigIssue => {
    const position = locate(issue.path, BY_NAME.has(issue.code) ? 'name' : 'value');
    return position === undefined ? issue : { ...issue, position };
  };
  if (!validate(value)) {
    throw new ConfigError(withoutEchoes(mostTelling(validate.errors ?? [])).map(located));
  }
  const issues = [...timesOf(value), ...rulesOf(value)];
  if (issues.length > 0) throw new ConfigError(issues.map(located));
  return { file, recipe: value, locate };
}

function timesOf({ now, tests }: TestFile): ConfigIssue[] {
  const times: [ConfigPath, string | undefined][] = [
    [['now'], now],
    ...tests.map((test, i): [ConfigPath, string | undefined] => [['tests', i, 'now'], test.now]),
  ];
  return times.flatMap(([path, time]): ConfigIssue[] => {
    if (time === undefined || !Number.isNaN(Date.parse(time))) return [];
    const summary = `${describe(path)} is no time`;
    const hint = 'write e.g. 2026-01-31T12:00:00Z';
    return [{ code: 'SB3002', path, message: 'no time', summary, hint }];
  });
}

/** What JSON Schema says less well: a test is one request or a sequence. */
function rulesOf({ tests }: TestFile): ConfigIssue[] {
  return tests.flatMap(({ name, request, steps, expect, repeat, upstream }, i): ConfigIssue[] => {
    const path: ConfigPath = ['tests', i];
    if ((request === undefined) === (steps === undefined)) {
      const has = request === undefined ? 'neither' : 'both';
      return [
        {
          code: 'SB1202',
          path,
          message: `${has} request and steps`,
          summary: `the test '${name}' has ${has} 'request' ${has === 'both' ? 'and' : 'nor'} 'steps'`,
          hint: "write 'request' for one request, or 'steps' for a sequence",
        },
      ];
    }
    if (steps === undefined) return [];
    const misplaced = Object.entries({ expect, repeat, upstream }).find(
      ([member, given]) => given !== undefined && member !== 'upstream',
    );
    if (misplaced === undefined) return [];
    return [
      {
        code: 'SB1204',
        path: [...path, misplaced[0]],
        message: `steps and ${misplaced[0]}`,
        summary: `the test '${name}' has 'steps', and '${misplaced[0]}' beside them`,
        hint: `move '${misplaced[0]}' into the step that it is for`,
      },
    ];
  });
}

/** That a field is missing says nothing new where another one is its misspelling. */
function withoutEchoes(errors: readonly ErrorObject[]): readonly ConfigIssue[] {
  const issues = errors.map((error) => ({ error, issue: issueOf(error) }));
  const meant = new Set(
    issues.map(({ error, issue }) => `${error.instancePath} ${issue.suggestion ?? ''}`),
  );
  return issues
    .filter(({ error }) => {
      const { missingProperty: missing } = paramsOf(error);
      return missing === undefined || !meant.has(`${error.instancePath} ${missing}`);
    })
    .map(({ issue }) => issue);
}

/** A wrong type says more than what follows from it; one error for each place. */
function mostTelling(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const seen = new Map<string, ErrorObject>();
  for (const error of errors) {
    const { additionalProperty: unknown, missingProperty: missing } = paramsOf(error);
    const key = `${error.instancePath} ${unknown ?? ''} ${missing ?? ''}`;
    if (!seen.has(key) || error.keyword === 'type') seen.set(key, error);
  }
  return [...seen.values()];
}

interface Params {
  readonly additionalProperty: string | undefined;
  readonly missingProperty: string | undefined;
}

function paramsOf({ params }: ErrorObject): Params {
  const text = (name: string): string | undefined => {
    const value: unknown = params[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    additionalProperty: text('additionalProperty'),
    missingProperty: text('missingProperty'),
  };
}

function issueOf(error: ErrorObject): ConfigIssue {
  const path = pathOf(error.instancePath);
  const owner = describe(path);
  const { additionalProperty: unknown, missingProperty: missing } = paramsOf(error);
  if (unknown !== undefined) return unknownField(error, [...path, unknown], owner);
  if (missing !== undefined) {
    return {
      code: 'SB1102',
      path,
      message: 'required field missing',
      summary: `${owner} has no '${missing}'`,
      hint: `add '${missing}'`,
    };
  }
  return { path, ...valueProblem(error, owner) };
}

function unknownField(error: ErrorObject, path: ConfigPath, owner: string): ConfigIssue {
  const field = String(path.at(-1));
  const fields = Object.keys(propertiesOf(error));
  const meant = nearest(field, fields);
  return {
    code: 'SB1101',
    path,
    message: 'unknown field',
    summary: `${owner} has an unknown field '${field}'`,
    hint: meant === undefined ? `use one of: ${fields.join(', ')}` : `did you mean '${meant}'?`,
    ...(meant !== undefined && { suggestion: meant }),
  };
}

function propertiesOf({ parentSchema }: ErrorObject): object {
  const properties: unknown = parentSchema?.['properties'];
  return isFields(properties) ? properties : {};
}

function valueProblem(
  { keyword, schema, message = '', data, parentSchema }: ErrorObject,
  owner: string,
): Pick<ConfigIssue, 'code' | 'message' | 'summary' | 'hint' | 'suggestion'> {
  switch (keyword) {
    case 'type':
      return {
        code: 'SB1103',
        message,
        summary: `${owner} must be ${wordsOf(schema)}, but is ${typeOf(data)}`,
        ...(typeof data === 'number' || typeof data === 'boolean'
          ? { hint: 'put it in quotes' }
          : {}),
      };
    case 'enum':
      return oneOf(schema, data, owner);
    case 'minimum':
    case 'maximum':
      return { code: 'SB1105', message, summary: `${owner} ${message}` };
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return { code: 'SB1106', message, summary: `${owner} is empty` };
    default: {
      const help: unknown = parentSchema?.['description'];
      const hint = typeof help === 'string' ? { hint: help.replace(/\.$/, '') } : {};
      return { code: 'SB3002', message, summary: `${owner} is not written as it must be`, ...hint };
    }
  }
}

function oneOf(
  schema: unknown,
  data: unknown,
  owner: string,
): Pick<ConfigIssue, 'code' | 'message' | 'summary' | 'hint' | 'suggestion'> {
  const allowed = Array.isArray(schema) ? schema.map(String) : [];
  const meant = typeof data === 'string' ? nearest(data, allowed) : undefined;
  return {
    code: 'SB1104',
    message: `expected one of: ${allowed.join(', ')}`,
    summary: `${owner} cannot be this value`,
    hint: meant === undefined ? `use one of: ${allowed.join(', ')}` : `did you mean '${meant}'?`,
    ...(meant !== undefined && { suggestion: meant }),
  };
}

const TYPE_WORDS: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['integer', 'a whole number'],
  ['object', 'a mapping'],
  ['array', 'a list'],
  ['null', 'null'],
]);

const wordsOf = (schema: unknown): string =>
  (Array.isArray(schema) ? schema : [schema])
    .map((type) => TYPE_WORDS.get(String(type)) ?? String(type))
    .join(' or ');

function typeOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'text' : `the ${typeof value} ${JSON.stringify(value)}`;
}

/** List indexes as numbers, so that they are found in the text. */
const pathOf = (pointer: string): ConfigPath =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** `'expect.status' of test 2`. */
function describe(path: ConfigPath): string {
  const [first, index, ...below] = path;
  if (first === undefined) return 'the file';
  if (first !== 'tests' || typeof index !== 'number') return `'${path.join('.')}'`;
  return below.length === 0 ? `test ${index + 1}` : `'${below.join('.')}' of test ${index + 1}`;
}
