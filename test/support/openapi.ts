/** What an OpenAPI document says about an answer, checked against one. */
import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isFields, type Fields } from '../../src/config/checks/field-issue.ts';

const ID = 'admin-api';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

export interface DescribedOperation {
  /** `POST` */
  readonly method: string;
  /** As in the document: `/services/{services}` */
  readonly path: string;
  readonly tag: string;
  /** Names of the parameters in the path. */
  readonly parameters: readonly string[];
  readonly statuses: readonly string[];
  /** True when the answer of this status is described and `body` is what is said of it; else why not. */
  readonly problemOf: (answer: DescribedAnswer) => string | undefined;
  /** The example of its JSON body, if it has one. */
  readonly example: unknown;
  /** Why a JSON body is not what is described; `undefined` when it is. */
  readonly bodyProblem: (body: unknown) => string | undefined;
}

export interface DescribedAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
}

const member = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );

function fieldsAt(value: unknown, ...path: readonly string[]): Fields {
  const found = member(value, ...path);
  assert.ok(isFields(found), path.join(' '));
  return found;
}

/** Every operation of a document. */
export function readOperations(document: Fields): readonly DescribedOperation[] {
  const ajv = new Ajv2020({ strict: false, formats: { uuid: true }, allErrors: false });
  ajv.addSchema(document, ID);
  /** What a reference of the document leads to, and where that is. */
  const resolve = (path: readonly string[]): readonly string[] => {
    const reference = member(document, ...path, '$ref');
    return typeof reference === 'string' ? reference.slice(2).split('/') : path;
  };
  const check = (path: readonly string[], value: unknown): string | undefined => {
    const pointer = path.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'));
    const uri = `${ID}#/${pointer.map(encodeURIComponent).join('/')}`;
    const validate = ajv.getSchema(uri) ?? ajv.compile({ $ref: uri });
    return validate(value) === true ? undefined : ajv.errorsText(validate.errors);
  };
  return Object.entries(fieldsAt(document, 'paths')).flatMap(([path, item]) =>
    METHODS.filter((method) => isFields(item) && isFields(item[method])).map(
      (method): DescribedOperation => {
        const at = ['paths', path, method];
        const body = resolve([...at, 'requestBody']);
        const json = [...body, 'content', 'application/json'];
        return {
          method: method.toUpperCase(),
          path,
          tag: String(member(document, ...at, 'tags', '0')),
          parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
          statuses: Object.keys(fieldsAt(document, ...at, 'responses')),
          example: member(document, ...json, 'example'),
          bodyProblem: (value) => check([...json, 'schema'], value),
          problemOf({ status, contentType, text }) {
            const response = resolve([...at, 'responses', String(status)]);
            if (!isFields(member(document, ...response))) return `${status} is not described`;
            const content = member(document, ...response, 'content');
            const [type = ''] = (contentType ?? '').split(';');
            if (content === undefined) return text === '' ? undefined : `a body: ${text}`;
            if (!isFields(content) || content[type] === undefined)
              return `${type} is not described`;
            if (!type.endsWith('json')) return undefined;
            return check([...response, 'content', type, 'schema'], JSON.parse(text));
          },
        };
      },
    ),
  );
}
