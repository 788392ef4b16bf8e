/** The OpenAPI 3.1 document of the Admin API: the route table, with what is known of each operation. */
import { KONG_VERSION, SILVERBACK_VERSION } from '../../version.ts';
import { CONSUMER_GROUPS, ENTITIES } from '../entities.ts';
import type { AdminRoute } from '../route-tree.ts';
import { entityBodies, ENTITY_OPERATIONS } from './entity-operations.ts';
import { entityComponents, pluginComponents } from './entity-schemas.ts';
import { NODE_OPERATIONS } from './node-operations.ts';
import {
  ANY_OBJECT,
  array,
  BODY_RESPONSES,
  COMMON_RESPONSES,
  ENTITY_ERROR_SCHEMA,
  INTEGER,
  MESSAGE_SCHEMA,
  object,
  RESPONSES,
  STRING,
  type OpenApiObject,
  type Operation,
} from './parts.ts';

export type { OpenApiObject } from './parts.ts';

const DESCRIPTION = `Kong's Admin API (${KONG_VERSION}) as Silverback answers it. Writes of entities go to the declarative
file where \`admin_write\` is on, and are refused with 405 where it is not. OPTIONS and HEAD are answered on every path.`;

/** Throws for a route without a description, and for a description without a route. */
export function adminApiDocument(routes: readonly AdminRoute[]): OpenApiObject {
  const described = new Map([...ENTITY_OPERATIONS, ...NODE_OPERATIONS]);
  const paths = routes.map(({ pattern, methods }): readonly [string, OpenApiObject] => [
    pattern,
    Object.fromEntries(
      Object.keys(methods).map((method) => {
        const key = `${method} ${pattern}`;
        const operation = described.get(key);
        if (operation === undefined) throw new Error(`${key} is not described`);
        described.delete(key);
        return [method.toLowerCase(), operationObject(key, operation)];
      }),
    ),
  ]);
  const [orphan] = described.keys();
  if (orphan !== undefined) throw new Error(`${orphan} is described and is no route`);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Silverback Admin API',
      version: SILVERBACK_VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://localhost:8001' }, { url: 'https://localhost:8444' }],
    security: [{}, { token: [] }, { bearer: [] }],
    paths: Object.fromEntries(paths.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'Kong-Admin-Token' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      responses: RESPONSES,
      requestBodies: entityBodies(),
      schemas: componentSchemas(),
    },
  };
}

function operationObject(key: string, operation: Operation): OpenApiObject {
  const { tag, summary, description, parameters = [], requestBody, responses } = operation;
  const named = new Set(parameters.map(({ name }) => name));
  const inPath = [...key.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) =>
    named.has(name) ? [] : [{ name, in: 'path', required: true, schema: STRING }],
  );
  const all = [...inPath, ...parameters];
  return {
    tags: [tag],
    operationId: key.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, ''),
    summary,
    ...(description === undefined ? {} : { description }),
    ...(all.length === 0 ? {} : { parameters: all }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: {
      ...responses,
      ...COMMON_RESPONSES,
      ...(requestBody === undefined ? {} : BODY_RESPONSES),
    },
  };
}

function componentSchemas(): OpenApiObject {
  return {
    Message: MESSAGE_SCHEMA,
    EntityError: ENTITY_ERROR_SCHEMA,
    Node: NODE,
    Status: STATUS,
    SchemaDocument: SCHEMA_DOCUMENT,
    UpstreamHealth: UPSTREAM_HEALTH,
    Keyset: object({ keys: array(ANY_OBJECT), previous: array(ANY_OBJECT) }),
    ...Object.assign(
      {},
      ...[...ENTITIES, CONSUMER_GROUPS].map(({ kind }) => entityComponents(kind)),
    ),
    ...pluginComponents(),
  };
}

const NODE = object({
  tagline: STRING,
  version: { ...STRING, description: 'the release of Kong that is followed' },
  edition: STRING,
  hostname: STRING,
  node_id: { ...STRING, format: 'uuid' },
  lua_version: STRING,
  timers: object({ running: INTEGER, pending: INTEGER }),
  plugins: object({
    available_on_server: { type: 'object', additionalProperties: ANY_OBJECT },
    enabled_in_cluster: array(STRING),
  }),
  pids: object({ master: INTEGER, workers: array(INTEGER) }),
  configuration: { ...ANY_OBJECT, description: 'every setting that has a value; secrets masked' },
});

const SIZE = { type: ['string', 'number'], description: 'with its unit, unless `unit` is b' };

const STATUS = object({
  memory: object({
    workers_lua_vms: array(object({ pid: INTEGER, http_allocated_gc: SIZE })),
    lua_shared_dicts: ANY_OBJECT,
  }),
  server: object({
    connections_accepted: INTEGER,
    connections_handled: INTEGER,
    connections_active: INTEGER,
    connections_reading: INTEGER,
    connections_writing: INTEGER,
    connections_waiting: INTEGER,
    total_requests: INTEGER,
  }),
  configuration_hash: STRING,
});

const SCHEMA_DOCUMENT: OpenApiObject = {
  type: 'object',
  properties: { fields: array(ANY_OBJECT), entity_checks: array(ANY_OBJECT) },
  required: ['fields'],
};

/** A target with more members, so its own schema is not repeated here. */
const UPSTREAM_HEALTH: OpenApiObject = {
  type: 'object',
  properties: {
    data: {
      anyOf: [
        { type: 'array', items: { type: 'object', required: ['id', 'target'] } },
        { type: 'object', properties: { id: STRING, health: STRING }, required: ['id'] },
      ],
    },
    next: { type: ['string', 'null'] },
    offset: STRING,
    node_id: STRING,
  },
  required: ['data', 'next', 'node_id'],
  additionalProperties: false,
};
