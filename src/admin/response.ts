/** Answers of the Admin API as values: what Kong sends for each kind of outcome. */
import { JSON_TYPE } from '../http/response.ts';

export interface AdminResponse {
  readonly status: number;
  /** `undefined` sends neither a body nor a content type. */
  readonly body: string | undefined;
  readonly contentType: string | undefined;
  /** Alternating names and values. */
  readonly headers: readonly string[];
}

/** A JSON answer. */
export function json(status: number, value: unknown): AdminResponse {
  return { status, body: JSON.stringify(value), contentType: JSON_TYPE, headers: [] };
}

/** Kong's one-member answer. */
export const message = (status: number, text: string): AdminResponse =>
  json(status, { message: text });

/** An answer without a body. */
export function empty(status: number, headers: readonly string[] = []): AdminResponse {
  return { status, body: undefined, contentType: undefined, headers };
}

export const NOT_FOUND: AdminResponse = message(404, 'Not found');
export const METHOD_NOT_ALLOWED: AdminResponse = message(405, 'Method not allowed');
export const UNEXPECTED: AdminResponse = message(500, 'An unexpected error occurred');

/** The page that nginx, which serves Kong's Admin API, sends before Kong is asked. */
function serverPage(status: number, title: string): AdminResponse {
  const line = `${status} ${title}`;
  return {
    status,
    body: `<html>\r\n<head><title>${line}</title></head>\r\n<body>\r\n<center><h1>${line}</h1></center>\r\n</body>\r\n</html>\r\n`,
    contentType: 'text/html; charset=UTF-8',
    headers: [],
  };
}

export const UNSUPPORTED_TYPE: AdminResponse = serverPage(415, 'Unsupported Media Type');
export const BAD_TARGET: AdminResponse = serverPage(400, 'Bad Request');

/** The rest of an oversized body is not read, so the connection cannot be used again. */
export const BODY_TOO_LARGE: AdminResponse = {
  ...serverPage(413, 'Request Entity Too Large'),
  headers: ['Connection', 'close'],
};

/** As nginx: the client has sent nothing for `nginx_http_client_body_timeout`. */
export const BODY_TOO_SLOW: AdminResponse = {
  ...serverPage(408, 'Request Time-out'),
  headers: ['Connection', 'close'],
};

/** Kong's numbered errors that this API can answer (Admin API reference, part G). */
const ENTITY_ERRORS = {
  'invalid primary key': { code: 1, status: 400 },
  'schema violation': { code: 2, status: 400 },
  'primary key violation': { code: 3, status: 400 },
  'foreign key violation': { code: 4, status: 400 },
  'unique constraint violation': { code: 5, status: 409 },
  'not found': { code: 6, status: 404 },
  'invalid offset': { code: 7, status: 400 },
  'invalid size': { code: 9, status: 400 },
  'invalid unique': { code: 10, status: 400 },
  'invalid options': { code: 11, status: 400 },
  'operation unsupported': { code: 12, status: 405 },
  'foreign keys unresolved': { code: 13, status: 400 },
  'referenced by others': { code: 19, status: 400 },
} as const;

export type EntityErrorName = keyof typeof ENTITY_ERRORS;

/** A numbered error. `details` are the members beside code, name and message (`fields`, `options`). */
export function entityError(
  name: EntityErrorName,
  text: string,
  details: Readonly<Record<string, unknown>> = {},
): AdminResponse {
  const { code, status } = ENTITY_ERRORS[name];
  return json(status, { code, name, message: text, ...details });
}

/** The error for a key in a path that the field's own rules refuse; its name holds the field's. */
export function invalidUnique(field: string, text: string): AdminResponse {
  const { code, status } = ENTITY_ERRORS['invalid unique'];
  return json(status, { code, name: `invalid unique ${field}`, message: text });
}

/** What Kong answers to what its storage cannot do. */
export const operationUnsupported = (text: string): AdminResponse =>
  entityError('operation unsupported', text);
