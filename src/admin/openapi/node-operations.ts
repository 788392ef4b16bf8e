/** The operations that are not about single entities: the node, its config, schemas, caches, keysets. */
import {
  ANY_OBJECT,
  answer,
  array,
  BAD_REQUEST,
  EMPTY,
  entityBody,
  INTEGER,
  jsonContent,
  NOT_FOUND,
  NUMBER,
  object,
  page,
  PAGE_ARGUMENTS,
  query,
  ref,
  STRING,
  type OpenApiObject,
  type Operation,
  type Operations,
} from './parts.ts';

const MESSAGE = ref('Message');
const ERROR = ref('EntityError');

const refused = (status: '400' | '405' | '501', summary: string, tag = 'node'): Operation => ({
  tag,
  summary,
  responses: { [status]: answer('not here', MESSAGE) },
});

const NO_LOG_LEVEL = 'the log level is set at start: refused as by a DB-less Kong';
const NO_CLUSTER = 'there is no cluster: refused as by a node that is no control plane';
const NO_TAG_WRITE = 'tags are written with the entities that carry them';

const tagRefusal: Operation = {
  tag: 'tags',
  summary: NO_TAG_WRITE,
  responses: { '400': answer('refused', ERROR) },
};

const TAG_ROW = object({ entity_name: STRING, entity_id: STRING, tag: STRING });
const tagList = (summary: string): Operation => ({
  tag: 'tags',
  summary,
  parameters: PAGE_ARGUMENTS,
  responses: { '200': answer('a page', page(TAG_ROW)), '400': BAD_REQUEST },
});

const schemaDocument = (summary: string): Operation => ({
  tag: 'schemas',
  summary,
  responses: {
    '200': answer(
      "fields in Kong's form: a list of objects with one member",
      ref('SchemaDocument'),
    ),
    '404': NOT_FOUND,
  },
});

const validate = (summary: string, namesEntity: boolean): Operation => ({
  tag: 'schemas',
  summary,
  description: 'Changes nothing; a token with the scope read may send it.',
  requestBody: entityBody(ANY_OBJECT),
  responses: {
    '200': answer('it is valid', MESSAGE),
    '400': answer('it is not', { anyOf: [ERROR, MESSAGE] }),
    ...(namesEntity ? { '404': NOT_FOUND } : {}),
  },
});

const KEPT_ANSWER = object({
  status: INTEGER,
  headers: ANY_OBJECT,
  body: STRING,
  body_len: INTEGER,
  timestamp: NUMBER,
  ttl: NUMBER,
  version: INTEGER,
});

const keptAnswer = (verb: 'read' | 'purge', where: string): Operation => ({
  tag: 'proxy-cache',
  summary: verb === 'read' ? `an answer that ${where} keeps` : `forget an answer of ${where}`,
  responses: {
    ...(verb === 'read'
      ? { '200': answer('the answer', KEPT_ANSWER) }
      : { '204': EMPTY('forgotten') }),
    '404': EMPTY('nothing is kept under this key'),
  },
});

const JWK_SET: OpenApiObject = {
  description: 'the keys that are published, and those of before the last rotation',
  content: { 'application/jwk-set+json': { schema: ref('Keyset') } },
};
const NO_KEYS = answer('the keys cannot be had; the text says why', MESSAGE);

const NODE: readonly (readonly [string, Operation])[] = [
  ['GET /', { tag: 'node', summary: 'the node', responses: { '200': answer('', ref('Node')) } }],
  [
    'GET /endpoints',
    {
      tag: 'node',
      summary: "Kong's paths that are answered here",
      responses: { '200': answer('', object({ data: array(STRING) })) },
    },
  ],
  [
    'GET /openapi.json',
    {
      tag: 'node',
      summary: 'this document',
      responses: {
        '200': answer('OpenAPI 3.1', { type: 'object', required: ['openapi', 'paths'] }),
      },
    },
  ],
  [
    'GET /status',
    {
      tag: 'node',
      summary: 'memory and connections',
      parameters: [
        query('unit', 'b, k, m or g', { type: 'string', default: 'm' }),
        query('scale', 'digits after the point', { type: 'integer', default: 2 }),
      ],
      responses: { '200': answer('', ref('Status')), '400': BAD_REQUEST },
    },
  ],
  ['GET /status/dns', refused('501', 'there are no such figures')],
  [
    'GET /metrics',
    {
      tag: 'node',
      summary: "Kong's metrics, summed over all workers",
      responses: {
        '200': { description: 'Prometheus text', content: { 'text/plain': { schema: STRING } } },
      },
    },
  ],
  [
    'GET /timers',
    { tag: 'node', summary: 'timers: none of them', responses: { '200': answer('', ANY_OBJECT) } },
  ],
  [
    'GET /robots.txt',
    {
      tag: 'node',
      summary: 'keeps robots away',
      responses: { '200': { description: '', content: { 'text/plain': { schema: STRING } } } },
    },
  ],
  [
    'GET /plugins/enabled',
    {
      tag: 'plugins',
      summary: 'names of the plugins that may be used',
      responses: { '200': answer('', object({ enabled_plugins: array(STRING) })) },
    },
  ],
  [
    'GET /debug/node/log-level',
    { tag: 'node', summary: 'the log level', responses: { '200': answer('', MESSAGE) } },
  ],
  ['PUT /debug/node/log-level/{level}', refused('405', NO_LOG_LEVEL)],
  ['PUT /debug/cluster/log-level/{level}', refused('405', NO_LOG_LEVEL)],
  ['GET /clustering/data-planes', refused('400', NO_CLUSTER)],
  ['GET /clustering/status', refused('400', NO_CLUSTER)],
  ['GET /filter-chains', refused('400', 'there are no WebAssembly filters')],
  [
    'GET /cache/{key}',
    { tag: 'node', summary: 'nothing is cached by key', responses: { '404': NOT_FOUND } },
  ],
  [
    'DELETE /cache/{key}',
    { tag: 'node', summary: 'does nothing', responses: { '204': EMPTY('done') } },
  ],
  ['DELETE /cache', { tag: 'node', summary: 'does nothing', responses: { '204': EMPTY('done') } }],
];

const CONFIG: readonly (readonly [string, Operation])[] = [
  [
    'GET /config',
    {
      tag: 'config',
      summary: 'the config that runs, as a declarative document',
      responses: { '200': answer('its text', object({ config: STRING })) },
    },
  ],
  [
    'POST /config',
    {
      tag: 'config',
      summary: 'replace the config that runs; the files stay as they are',
      parameters: [
        query('check_hash', '1: 304 when the text is the one that runs', STRING),
        query('flatten_errors', 'true: errors as a flat list', STRING),
      ],
      requestBody: {
        required: true,
        content: {
          ...jsonContent({ type: 'object', description: 'the document, or its text in `config`' }),
          'application/yaml': { schema: STRING },
          'text/yaml': { schema: STRING },
          'multipart/form-data': { schema: ANY_OBJECT },
          'application/x-www-form-urlencoded': { schema: ANY_OBJECT },
        },
      },
      responses: {
        '201': answer('live in every worker: kind → id → entity', {
          type: 'object',
          additionalProperties: ANY_OBJECT,
        }),
        '304': EMPTY('it runs already'),
        '400': BAD_REQUEST,
        '503': answer('the gateway is about to end', MESSAGE),
      },
    },
  ],
];

const SCHEMAS: readonly (readonly [string, Operation])[] = [
  ['GET /schemas/{entity}', schemaDocument('the fields of an entity')],
  ['GET /schemas/plugins/{name}', schemaDocument('the fields of a plugin')],
  ['GET /schemas/vaults/{name}', schemaDocument('the fields of a vault')],
  [
    'GET /schemas/filters/{name}',
    { tag: 'schemas', summary: 'there are no filters', responses: { '404': NOT_FOUND } },
  ],
  [
    'GET /plugins/schema/{name}',
    schemaDocument('the fields of the config of a plugin (deprecated)'),
  ],
  ['POST /schemas/{entity}/validate', validate('whether an entity would be valid', true)],
  ['POST /schemas/plugins/validate', validate('whether a plugin entry would be valid', false)],
  ['POST /schemas/vaults/validate', validate('whether a vault would be valid', false)],
];

const TAGS: readonly (readonly [string, Operation])[] = [
  ['GET /tags', tagList('which entities carry which tags')],
  ['GET /tags/{tags}', tagList('which entities carry this tag')],
  ['POST /tags', tagRefusal],
  ['PUT /tags/{tags}', tagRefusal],
  ['PATCH /tags/{tags}', tagRefusal],
  [
    'DELETE /tags/{tags}',
    { tag: 'tags', summary: 'does nothing', responses: { '204': EMPTY('done') } },
  ],
];

const PROXY_CACHE: readonly (readonly [string, Operation])[] = [
  ['GET /proxy-cache/{key}', keptAnswer('read', 'any entry')],
  ['DELETE /proxy-cache/{key}', keptAnswer('purge', 'any entry')],
  ['GET /proxy-cache/{plugin}/caches/{key}', keptAnswer('read', 'one entry')],
  ['DELETE /proxy-cache/{plugin}/caches/{key}', keptAnswer('purge', 'one entry')],
  [
    'DELETE /proxy-cache',
    { tag: 'proxy-cache', summary: 'forget all answers', responses: { '204': EMPTY('done') } },
  ],
];

const SIGNER: readonly (readonly [string, Operation])[] = [
  [
    'GET /jwt-signer/jwks',
    {
      tag: 'jwt-signer',
      summary: 'every keyset, without what verifies an HMAC',
      responses: { '200': answer('', object({ data: array(ANY_OBJECT) })) },
    },
  ],
  [
    'GET /jwt-signer/jwks/{name}',
    { tag: 'jwt-signer', summary: 'a keyset', responses: { '200': JWK_SET, '404': NOT_FOUND } },
  ],
  [
    'PUT /jwt-signer/jwks/{name}',
    {
      tag: 'jwt-signer',
      summary: 'make a keyset, unless it is there',
      responses: { '200': JWK_SET, '503': NO_KEYS },
    },
  ],
  [
    'DELETE /jwt-signer/jwks/{name}',
    {
      tag: 'jwt-signer',
      summary: 'remove a keyset; the next token that needs it makes a new one',
      responses: { '204': EMPTY('gone'), '404': NOT_FOUND },
    },
  ],
  [
    'POST /jwt-signer/jwks/{name}/rotate',
    {
      tag: 'jwt-signer',
      summary: 'sign with the next keys from now on',
      requestBody: {
        content: jsonContent({
          type: 'object',
          description: 'for keysets that come from a URL',
          properties: {
            client_username: STRING,
            client_password: STRING,
            client_certificate: { description: 'the id of a certificate, or `{ "id": … }`' },
          },
        }),
      },
      responses: {
        '200': JWK_SET,
        '400': BAD_REQUEST,
        '404': NOT_FOUND,
        '502': NO_KEYS,
        '503': NO_KEYS,
      },
    },
  ],
  [
    'GET /jwt-signer/status',
    {
      tag: 'jwt-signer',
      summary: "the state of everybody's keys",
      responses: { '200': answer('', ANY_OBJECT) },
    },
  ],
];

export const NODE_OPERATIONS: Operations = new Map([
  ...NODE,
  ...CONFIG,
  ...SCHEMAS,
  ...TAGS,
  ...PROXY_CACHE,
  ...SIGNER,
]);
