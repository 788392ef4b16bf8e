/** The operations on entities, for every path that the table of entities makes. */
import { singularName } from '../../config/schemas.ts';
import type { EntityKind } from '../../config/types.ts';
import {
  CONSUMER_GROUPS,
  describe,
  ENTITIES,
  GROUP_PLUGINS,
  type EntityDescription,
  type ForeignKey,
} from '../entities.ts';
import { answerName, bodyName } from './entity-schemas.ts';
import { ENTITY_EXAMPLES } from './examples.ts';
import {
  answer,
  array,
  BAD_REQUEST,
  CONFLICT,
  EMPTY,
  entityBody,
  NOT_FOUND,
  object,
  page,
  PAGE_ARGUMENTS,
  query,
  ref,
  REFUSED_WRITE,
  STRING,
  TAGS_ARGUMENT,
  type OpenApiObject,
  type Operation,
  type Operations,
} from './parts.ts';

/** Words for a kind. */
const nameOf = (kind: EntityKind): string => singularName(kind).replaceAll('_', ' ');
const pluralOf = (kind: EntityKind): string => kind.replaceAll('_', ' ');

const body = (kind: EntityKind): OpenApiObject => ({
  $ref: `#/components/requestBodies/${answerName(kind)}`,
});

/** `components.requestBodies` */
export const entityBodies = (): OpenApiObject =>
  Object.fromEntries(
    [...ENTITIES, CONSUMER_GROUPS].map(({ kind }) => [
      answerName(kind),
      entityBody(ref(bodyName(kind)), ENTITY_EXAMPLES[kind]),
    ]),
  );

const shown = (kind: EntityKind, description: string): OpenApiObject =>
  answer(description, ref(answerName(kind)));

const WRITE_ERRORS = { '400': BAD_REQUEST, '405': REFUSED_WRITE, '409': CONFLICT };

const list = (kind: EntityKind, parent?: EntityKind): Operation => ({
  tag: kind,
  summary:
    parent === undefined
      ? `every one of the ${pluralOf(kind)}, page by page`
      : `the ${pluralOf(kind)} of one ${nameOf(parent)}`,
  parameters: [
    ...PAGE_ARGUMENTS,
    ...(parent === undefined ? [TAGS_ARGUMENT] : []),
    ...(kind === 'consumers' && parent === undefined
      ? [
          query('custom_id', 'only the consumer with this custom_id', {
            type: 'string',
            minLength: 1,
          }),
        ]
      : []),
  ],
  responses: {
    '200': answer('a page', page(ref(answerName(kind)))),
    '400': BAD_REQUEST,
    ...(parent === undefined ? {} : { '404': NOT_FOUND }),
  },
});

const create = (kind: EntityKind, parent?: EntityKind): Operation => ({
  tag: kind,
  summary: `create a ${nameOf(kind)}${parent === undefined ? '' : ` of a ${nameOf(parent)}`}`,
  requestBody: body(kind),
  responses: {
    '201': shown(kind, 'it is in the file and live in every worker'),
    ...WRITE_ERRORS,
    ...(parent === undefined ? {} : { '404': NOT_FOUND }),
  },
});

const read = (kind: EntityKind): Operation => ({
  tag: kind,
  summary: `one ${nameOf(kind)}`,
  responses: { '200': shown(kind, 'the entity'), '400': BAD_REQUEST, '404': NOT_FOUND },
});

/** @param hasParent a path that names another entity, which must be there */
const put = (kind: EntityKind, hasParent: boolean): Operation => ({
  tag: kind,
  summary: `create a ${nameOf(kind)}, or replace it`,
  requestBody: body(kind),
  responses: {
    '200': shown(kind, 'it is in the file and live in every worker'),
    ...WRITE_ERRORS,
    ...(hasParent ? { '404': NOT_FOUND } : {}),
  },
});

const patch = (kind: EntityKind): Operation => ({
  tag: kind,
  summary: `change fields of a ${nameOf(kind)}`,
  requestBody: body(kind),
  responses: {
    '200': shown(kind, 'it is in the file and live in every worker'),
    ...WRITE_ERRORS,
    '404': NOT_FOUND,
  },
});

const remove = (kind: EntityKind): Operation => ({
  tag: kind,
  summary: `remove a ${nameOf(kind)}, and what belongs to it alone`,
  responses: { '204': EMPTY('it is gone'), ...WRITE_ERRORS, '404': NOT_FOUND },
});

type Entry = readonly [string, Operation];

function member(pattern: string, kind: EntityKind): readonly Entry[] {
  return [
    [`GET ${pattern}`, read(kind)],
    [`PUT ${pattern}`, put(kind, pattern.split('/').length > 3)],
    [`PATCH ${pattern}`, patch(kind)],
    [`DELETE ${pattern}`, remove(kind)],
  ];
}

function top({ path, kind }: EntityDescription): readonly Entry[] {
  if (path === undefined) return [];
  return [
    [`GET /${path}`, list(kind)],
    [`POST /${path}`, create(kind)],
    ...member(`/${path}/{${kind}}`, kind),
  ];
}

function below(kind: EntityKind, { nested, to }: ForeignKey): readonly Entry[] {
  const { path } = describe(to);
  if (nested === undefined || path === undefined) return [];
  const collection = `/${path}/{${to}}/${nested}`;
  const all: Entry = [`GET ${collection}/all`, list(kind, to)];
  return [
    [`GET ${collection}`, list(kind, to)],
    [`POST ${collection}`, create(kind, to)],
    ...member(`${collection}/{${kind}}`, kind),
    ...(kind === 'targets' ? [all] : []),
  ];
}

/** The entity that a foreign key names. */
function linked({ path, kind }: EntityDescription, foreign: ForeignKey): readonly Entry[] {
  const { field, to } = foreign;
  if (foreign.linked === false || path === undefined) return [];
  const pattern = `/${path}/{${kind}}/${field}`;
  const of = `the ${field.replaceAll('_', ' ')} of a ${nameOf(kind)}`;
  return [
    [`GET ${pattern}`, { ...read(to), summary: of }],
    [`PUT ${pattern}`, { ...put(to, true), summary: `replace ${of}, or create it` }],
    [`PATCH ${pattern}`, { ...patch(to), summary: `change ${of}` }],
    [
      `DELETE ${pattern}`,
      {
        tag: to,
        summary: `refused: ${of} is removed by its own path`,
        responses: { '400': BAD_REQUEST, '404': NOT_FOUND, '405': REFUSED_WRITE },
      },
    ],
  ];
}

const healthState = (state: 'healthy' | 'unhealthy', isAddress: boolean): Operation => ({
  tag: 'upstreams',
  summary: `take ${isAddress ? 'one address of a target' : 'a target'} for ${state}`,
  description: 'In this node, until a health check says otherwise.',
  ...(isAddress
    ? {
        parameters: [
          {
            name: 'address',
            in: 'path',
            required: true,
            description: '`ip` or `ip:port`',
            schema: STRING,
          },
        ],
      }
    : {}),
  responses: { '204': EMPTY('done'), '400': BAD_REQUEST, '404': NOT_FOUND },
});

const TARGET = '/upstreams/{upstreams}/targets/{targets}';

const health: readonly Entry[] = [
  [
    'GET /upstreams/{upstreams}/health',
    {
      tag: 'upstreams',
      summary: 'the health of the targets of an upstream, or of the upstream itself',
      parameters: [
        ...PAGE_ARGUMENTS,
        query('balancer_health', '1: of the upstream as a whole', { enum: ['1'] }),
      ],
      responses: {
        '200': answer('a page of targets with their health, or one summary', ref('UpstreamHealth')),
        '400': BAD_REQUEST,
        '404': NOT_FOUND,
      },
    },
  ],
  ...(['healthy', 'unhealthy'] as const).flatMap((state): readonly Entry[] => [
    [`PUT ${TARGET}/${state}`, healthState(state, false)],
    [`PUT ${TARGET}/{address}/${state}`, healthState(state, true)],
  ]),
];

const many = (kind: EntityKind): OpenApiObject => array(ref(answerName(kind)));

/** A consumer in groups, or a group of consumers, from either end. */
function memberships(
  [kind, field]: readonly [EntityKind, string],
  [other, argument]: readonly [EntityKind, string],
): readonly Entry[] {
  const collection = `/${kind}/{${kind}}/${other}`;
  const errors = { '404': NOT_FOUND, '405': REFUSED_WRITE, '409': CONFLICT };
  const names = { anyOf: [STRING, array(STRING)] };
  return [
    [
      `GET ${collection}`,
      {
        tag: 'memberships',
        summary: `the ${pluralOf(other)} of a ${nameOf(kind)}`,
        responses: {
          '200': answer('all of them', object({ [other]: many(other) })),
          '404': NOT_FOUND,
        },
      },
    ],
    [
      `POST ${collection}`,
      {
        tag: 'memberships',
        summary: `add ${pluralOf(other)} to a ${nameOf(kind)}, by name or id`,
        requestBody: entityBody(object({ [argument]: names })),
        responses: {
          '201': answer(
            'all of them, live in every worker',
            object({ [field]: ref(answerName(kind)), [other]: many(other) }),
          ),
          '400': BAD_REQUEST,
          ...errors,
        },
      },
    ],
    [
      `DELETE ${collection}`,
      {
        tag: 'memberships',
        summary: `remove all ${pluralOf(other)} from a ${nameOf(kind)}`,
        responses: { '204': EMPTY('done'), ...errors },
      },
    ],
    [
      `DELETE ${collection}/{${other}}`,
      {
        tag: 'memberships',
        summary: `remove one of the ${pluralOf(other)} from a ${nameOf(kind)}`,
        responses: { '204': EMPTY('done'), ...errors },
      },
    ],
  ];
}

const groupWithMembers: Operation = {
  ...read('consumer_groups'),
  responses: {
    '200': answer(
      'the group, its members and its plugins',
      object({
        consumer_group: ref(answerName('consumer_groups')),
        consumers: many('consumers'),
        plugins: many('plugins'),
      }),
    ),
    '404': NOT_FOUND,
  },
};

/** Of the other edition of Kong: groups, their plugins and their members. */
const groups: readonly Entry[] = [
  ...top(CONSUMER_GROUPS),
  ['GET /consumer_groups/{consumer_groups}', groupWithMembers],
  ...below('plugins', GROUP_PLUGINS),
  ...linked(describe('plugins'), GROUP_PLUGINS),
  ...memberships(['consumers', 'consumer'], ['consumer_groups', 'group']),
  ...memberships(['consumer_groups', 'consumer_group'], ['consumers', 'consumer']),
];

export const ENTITY_OPERATIONS: Operations = new Map<string, Operation>([
  ...ENTITIES.flatMap((entity) => [
    ...top(entity),
    ...entity.foreign.flatMap((foreign) => below(entity.kind, foreign)),
    ...entity.foreign.flatMap((foreign) => linked(entity, foreign)),
  ]),
  ...health,
  ...groups,
]);
