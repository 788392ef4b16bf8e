/** What the operations of the OpenAPI document share: types, references, answers and parameters. */

/** Any object of an OpenAPI document; its shape is checked against the specification by a test. */
export type OpenApiObject = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Query arguments, and path parameters that need more than their names. */
  readonly parameters?: readonly OpenApiObject[];
  readonly requestBody?: OpenApiObject;
  /** By status; the ones that every operation has are added. */
  readonly responses: OpenApiObject;
}

/** Operations by `METHOD pattern`, as in the route table. */
export type Operations = ReadonlyMap<string, Operation>;

export const ref = (name: string): OpenApiObject => ({ $ref: `#/components/schemas/${name}` });

export const object = (
  properties: OpenApiObject,
  required: readonly string[] = Object.keys(properties),
): OpenApiObject => ({ type: 'object', properties, required, additionalProperties: false });

export const array = (items: OpenApiObject): OpenApiObject => ({ type: 'array', items });

export const STRING: OpenApiObject = { type: 'string' };
export const INTEGER: OpenApiObject = { type: 'integer' };
export const NUMBER: OpenApiObject = { type: 'number' };
export const ANY_OBJECT: OpenApiObject = { type: 'object' };

export const jsonContent = (schema: OpenApiObject): OpenApiObject => ({
  'application/json': { schema },
});

/** An answer of JSON. */
export const answer = (description: string, schema: OpenApiObject): OpenApiObject => ({
  description,
  content: jsonContent(schema),
});

export const EMPTY = (description: string): OpenApiObject => ({ description });

const responseRef = (name: string): OpenApiObject => ({ $ref: `#/components/responses/${name}` });

export const NOT_FOUND = responseRef('NotFound');
export const BAD_REQUEST = responseRef('BadRequest');
export const REFUSED_WRITE = responseRef('RefusedWrite');
export const CONFLICT = responseRef('Conflict');

/** Answers that any operation may give. */
export const COMMON_RESPONSES: OpenApiObject = {
  '401': responseRef('Unauthorized'),
  '403': responseRef('Forbidden'),
  '429': responseRef('TooManyRequests'),
};

/** Answers that any operation with a body may give. */
export const BODY_RESPONSES: OpenApiObject = {
  '408': responseRef('Page'),
  '413': responseRef('Page'),
  '415': responseRef('Page'),
};

export const query = (name: string, description: string, schema: OpenApiObject): OpenApiObject => ({
  name,
  in: 'query',
  description,
  schema,
});

export const PAGE_ARGUMENTS: readonly OpenApiObject[] = [
  query('size', 'how many entities a page has', {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 100,
  }),
  query('offset', 'where the page begins: `offset` of the page before', STRING),
];

export const TAGS_ARGUMENT = query(
  'tags',
  'only entities with these tags: `a,b` has both, `a/b` has one of them; at most five',
  STRING,
);

/** Kong's page of a list. */
export const page = (items: OpenApiObject): OpenApiObject => ({
  type: 'object',
  properties: {
    data: array(items),
    next: { type: ['string', 'null'], description: 'path of the next page; null on the last one' },
    offset: { type: 'string', description: 'absent on the last page' },
  },
  required: ['data', 'next'],
  additionalProperties: false,
});

const FORM_DESCRIPTION =
  'Names are paths: `config.key=x`, `service.id=…`, `paths[]=/a`; texts become what the field asks for. A file of a multipart form is its content.';

/** A body in the three forms that Kong takes. */
export const entityBody = (schema: OpenApiObject, example?: unknown): OpenApiObject => {
  const form = { schema: { type: 'object', description: FORM_DESCRIPTION } };
  return {
    content: {
      'application/json': { schema, ...(example === undefined ? {} : { example }) },
      'application/x-www-form-urlencoded': form,
      'multipart/form-data': form,
    },
  };
};

export const MESSAGE_SCHEMA: OpenApiObject = {
  type: 'object',
  properties: { message: STRING, request_id: STRING },
  required: ['message'],
  additionalProperties: false,
};

/** Kong's numbered errors; `fields` says what is wrong with which field. */
export const ENTITY_ERROR_SCHEMA: OpenApiObject = {
  type: 'object',
  properties: {
    code: INTEGER,
    name: STRING,
    message: STRING,
    fields: ANY_OBJECT,
    options: ANY_OBJECT,
    flattened_errors: array(ANY_OBJECT),
  },
  required: ['code', 'name', 'message'],
  additionalProperties: false,
};

const PROBLEM = { anyOf: [ref('Message'), ref('EntityError')] };
const HTML = { 'text/html': { schema: STRING } };

const withRetryAfter = { 'Retry-After': { description: 'seconds', schema: INTEGER } };
const withChallenge = { 'WWW-Authenticate': { description: 'RFC 6750', schema: STRING } };

/** `components.responses` */
export const RESPONSES: OpenApiObject = {
  Unauthorized: {
    ...answer('the API asks for tokens, and this one is missing or wrong', ref('Message')),
    headers: withChallenge,
  },
  Forbidden: answer(
    'a token with the scope read for a write, or a Host or Origin of another site',
    ref('Message'),
  ),
  TooManyRequests: {
    ...answer('too many wrong tokens, or too many writes or loads at once', ref('Message')),
    headers: withRetryAfter,
  },
  NotFound: {
    description: 'there is no such entity, or no such parent',
    content: jsonContent(PROBLEM),
  },
  BadRequest: {
    description: 'an argument, a name or a field is wrong; or no client certificate was sent',
    content: { ...jsonContent(PROBLEM), ...HTML },
  },
  RefusedWrite: answer(
    'writing is off (`admin_write`), or the entity cannot be written so',
    PROBLEM,
  ),
  Conflict: answer(
    'another entity has the name or value; or the file was edited so that it cannot be written',
    PROBLEM,
  ),
  Page: { description: 'the body: too slow, too long, of another type', content: HTML },
};
