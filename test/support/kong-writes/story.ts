/** Calls of the Admin API with the answers that Kong gives, and the bodies that many of them share. */
import type { Fields } from '../../../src/config/checks/field-issue.ts';

export type Pairs = readonly (readonly [name: string, value: string])[];

export interface Call {
  /** Method and path. `{name}` is the id of what an earlier call named; so in bodies and answers. */
  readonly ask: string;
  readonly json?: unknown;
  readonly form?: Pairs;
  readonly multipart?: Pairs;
  /** A body as it stands, of the type `type`. */
  readonly raw?: string;
  readonly type?: string;
  readonly status: number;
  /** The whole body. */
  readonly is?: Fields;
  /** Members of the body. */
  readonly shows?: Fields;
  /** Names what was made. */
  readonly as?: string;
}

export interface Story {
  readonly title: string;
  readonly calls: readonly Call[];
}

export const JSON_TYPE = 'application/json';
export const UUID = '5b2e0b4e-9c0d-4c5b-8a6a-2f4d9c8e1a01';
export const OTHER_UUID = '5b2e0b4e-9c0d-4c5b-8a6a-2f4d9c8e1a02';
export const NOBODY = '00000000-0000-0000-0000-000000000000';
export const NOT_FOUND = { message: 'Not found' };
export const NOT_ALLOWED = { message: 'Method not allowed' };
export const NO_JSON = { message: 'Cannot parse JSON body' };

export const violation = (message: string, fields: Fields): Fields => ({
  code: 2,
  name: 'schema violation',
  message: `schema violation (${message})`,
  fields,
});
export const entityViolation = (text: string): Fields => violation(text, { '@entity': [text] });
export const taken = (key: string, fields: Fields): Fields => ({
  code: 5,
  name: 'unique constraint violation',
  message: `UNIQUE violation detected on '{${key}}'`,
  fields,
});

/** The same flat fields in each of the forms that Kong takes. */
export const inEveryForm = (
  call: (n: number) => Omit<Call, 'json' | 'form'>,
  fields: Pairs,
): Call[] => [
  { ...call(1), json: Object.fromEntries(fields) },
  { ...call(2), form: fields },
  { ...call(3), multipart: fields },
];
