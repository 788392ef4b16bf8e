/** The route table: which path and method is answered by what. */
import {
  getLinked,
  getNested,
  getOne,
  list,
  listConsumers,
  listNested,
  type Family,
} from './collections.ts';
import { readConfig, writeConfig } from './config-endpoint.ts';
import { MEMBERSHIP_ROUTES, readGroup } from './consumer-groups.ts';
import {
  CONSUMER_GROUPS,
  describe,
  ENTITIES,
  GROUP_PLUGINS,
  type EntityDescription,
} from './entities.ts';
import * as signer from './jwt-signer.ts';
import { readMetrics } from './metrics-endpoint.ts';
import * as node from './node-endpoints.ts';
import {
  intendCreate,
  intendCreateNested,
  intendLinked,
  intendNested,
  intendPatch,
  intendPut,
  intendRemove,
} from './write/intent.ts';
import { writing } from './write/handlers.ts';
import * as proxyCache from './proxy-cache.ts';
import { adminApiDocument, type OpenApiObject } from './openapi/document.ts';
import { json, type AdminResponse } from './response.ts';
import type { AdminRoute, Methods } from './route-tree.ts';
import * as schemas from './schemas-endpoint.ts';
import { listTags, refuseTagWrite } from './tags.ts';
import { listTargets, markTarget, readHealth } from './targets.ts';

const NODE_ROUTES: readonly AdminRoute[] = [
  { pattern: '/', methods: { GET: node.readNode } },
  { pattern: '/cache', methods: { DELETE: node.purgeCache } },
  { pattern: '/cache/{key}', methods: { GET: node.readCache, DELETE: node.purgeCache } },
  { pattern: '/clustering/data-planes', methods: { GET: node.refuseClustering } },
  { pattern: '/clustering/status', methods: { GET: node.refuseClustering } },
  { pattern: '/config', methods: { GET: readConfig, POST: writeConfig } },
  { pattern: '/debug/cluster/log-level/{level}', methods: { PUT: node.refuseLogLevel } },
  { pattern: '/debug/node/log-level', methods: { GET: node.readLogLevel } },
  { pattern: '/debug/node/log-level/{level}', methods: { PUT: node.refuseLogLevel } },
  { pattern: '/filter-chains', methods: { GET: node.refuseFilterChains } },
  { pattern: '/plugins/enabled', methods: { GET: node.readEnabledPlugins } },
  { pattern: '/plugins/schema/{name}', methods: { GET: schemas.readConfigFields } },
  { pattern: '/proxy-cache', methods: { DELETE: proxyCache.purgeAll } },
  {
    pattern: '/proxy-cache/{key}',
    methods: { GET: proxyCache.readAnywhere, DELETE: proxyCache.purgeAnywhere },
  },
  {
    pattern: '/proxy-cache/{plugin}/caches/{key}',
    methods: { GET: proxyCache.readOfPlugin, DELETE: proxyCache.purgeOfPlugin },
  },
  { pattern: '/robots.txt', methods: { GET: node.readRobots } },
  { pattern: '/schemas/filters/{name}', methods: { GET: schemas.readFilterSchema } },
  {
    pattern: '/schemas/plugins/validate',
    methods: { POST: schemas.validateOf('plugins') },
    changesNothing: true,
  },
  { pattern: '/schemas/plugins/{name}', methods: { GET: schemas.readPluginSchema } },
  {
    pattern: '/schemas/vaults/validate',
    methods: { POST: schemas.validateOf('vaults') },
    changesNothing: true,
  },
  { pattern: '/schemas/vaults/{name}', methods: { GET: schemas.readVaultSchema } },
  { pattern: '/schemas/{entity}', methods: { GET: schemas.readEntitySchema } },
  {
    pattern: '/schemas/{entity}/validate',
    methods: { POST: schemas.validateAny },
    changesNothing: true,
  },
  { pattern: '/metrics', methods: { GET: readMetrics } },
  { pattern: '/status', methods: { GET: node.readStatus } },
  { pattern: '/status/dns', methods: { GET: node.readDnsStatus } },
  { pattern: '/tags', methods: { GET: listTags, POST: refuseTagWrite } },
  {
    pattern: '/tags/{tags}',
    methods: {
      GET: listTags,
      PUT: refuseTagWrite,
      PATCH: refuseTagWrite,
      DELETE: node.purgeCache,
    },
  },
  { pattern: '/timers', methods: { GET: node.readTimers } },
];

const TARGET = '/upstreams/{upstreams}/targets/{targets}';
const HEALTH_ROUTES: readonly AdminRoute[] = [
  { pattern: '/upstreams/{upstreams}/health', methods: { GET: readHealth } },
  ...[true, false].flatMap((isHealthy) => {
    const state = isHealthy ? 'healthy' : 'unhealthy';
    const methods = { PUT: markTarget(isHealthy) };
    return [
      { pattern: `${TARGET}/${state}`, methods },
      { pattern: `${TARGET}/{address}/${state}`, methods },
    ];
  }),
];

/** A collection and its members at the top level. */
function topRoutes(entity: EntityDescription): readonly AdminRoute[] {
  const { path, kind } = entity;
  if (path === undefined) return [];
  return [
    {
      pattern: `/${path}`,
      methods: {
        GET: kind === 'consumers' ? listConsumers(entity) : list(entity),
        POST: writing(intendCreate(entity)),
      },
    },
    {
      pattern: `/${path}/{${kind}}`,
      methods: {
        GET: getOne(entity),
        PUT: writing(intendPut(entity)),
        PATCH: writing(intendPatch(entity)),
        DELETE: writing(intendRemove(entity)),
      },
    },
  ];
}

const nestedMember = (family: Family): Methods => ({
  GET: getNested(family),
  PUT: writing(intendNested(family, 'create or update')),
  PATCH: writing(intendNested(family, 'update')),
  DELETE: writing(intendNested(family, 'remove')),
});

/** The same collection below each parent it has a foreign key to. */
function nestedRoutes(entity: EntityDescription): readonly AdminRoute[] {
  const { kind } = entity;
  return entity.foreign.flatMap((foreign) => {
    const { nested, to } = foreign;
    const { path } = describe(to);
    if (nested === undefined || path === undefined) return [];
    const family = { entity, foreign: { ...foreign, nested } };
    const below = `/${path}/{${to}}/${nested}`;
    const all = listNested(family, path);
    const collection: AdminRoute = {
      pattern: below,
      methods: {
        GET: kind === 'targets' ? listTargets : all,
        POST: writing(intendCreateNested(family)),
      },
    };
    const member: AdminRoute = { pattern: `${below}/{${kind}}`, methods: nestedMember(family) };
    if (kind !== 'targets') return [collection, member];
    return [collection, member, { pattern: `${below}/all`, methods: { GET: all } }];
  });
}

/** The entity that a foreign key names, reached through the one that has the key. */
function linkedRoutes(entity: EntityDescription): readonly AdminRoute[] {
  return entity.foreign
    .filter(({ linked }) => linked !== false)
    .map((foreign) => ({
      pattern: `/${entity.path}/{${entity.kind}}/${foreign.field}`,
      methods: {
        GET: getLinked(entity, foreign),
        PUT: writing(intendLinked(entity, foreign, 'create or update')),
        PATCH: writing(intendLinked(entity, foreign, 'update')),
        DELETE: writing(intendLinked(entity, foreign, 'remove')),
      },
    }));
}

const LISTED: readonly AdminRoute[] = [
  ...NODE_ROUTES,
  ...HEALTH_ROUTES,
  ...ENTITIES.flatMap((entity) => [
    ...topRoutes(entity),
    ...nestedRoutes(entity),
    ...linkedRoutes(entity),
  ]),
];

/** A shorter path comes before those below it, whatever characters its last segment has. */
const orderOf = (pattern: string): string => pattern.replaceAll('/', '\0');

/** `GET /endpoints`: every path there is, ordered segment by segment. */
function endpointsOf(routes: readonly AdminRoute[]): readonly string[] {
  return [...routes.map(({ pattern }) => pattern), '/endpoints'].toSorted((a, b) =>
    orderOf(a) < orderOf(b) ? -1 : 1,
  );
}

const ENDPOINTS = json(200, { data: endpointsOf(LISTED) });

/** Of the jwt-signer plugin, which the open-source Kong has not: `GET /endpoints` is Kong's list without them. */
const SIGNER_ROUTES: readonly AdminRoute[] = [
  { pattern: '/jwt-signer/jwks', methods: { GET: signer.listJwks } },
  {
    pattern: '/jwt-signer/jwks/{name}',
    methods: { GET: signer.readJwks, PUT: signer.generateJwks, DELETE: signer.deleteJwks },
  },
  { pattern: '/jwt-signer/jwks/{name}/rotate', methods: { POST: signer.rotateJwks } },
  { pattern: '/jwt-signer/status', methods: { GET: signer.readSignerStatus } },
];

/** A group is shown with its members; the rest is as for any entity. */
const GROUP_ROUTES: readonly AdminRoute[] = [
  ...topRoutes(CONSUMER_GROUPS).map(({ pattern, methods }) =>
    methods.PUT === undefined
      ? { pattern, methods }
      : { pattern, methods: { ...methods, GET: readGroup } },
  ),
  ...nestedRoutes({ ...describe('plugins'), foreign: [GROUP_PLUGINS] }),
  ...linkedRoutes({ ...describe('plugins'), foreign: [GROUP_PLUGINS] }),
  ...MEMBERSHIP_ROUTES,
];

let openApi: AdminResponse | undefined;

/** Every route of the Admin API. */
export const ADMIN_ROUTES: readonly AdminRoute[] = [
  ...LISTED,
  ...SIGNER_ROUTES,
  ...GROUP_ROUTES,
  { pattern: '/endpoints', methods: { GET: () => ENDPOINTS } },
  // Made when somebody asks: a gateway that starts has no use for it.
  { pattern: '/openapi.json', methods: { GET: () => (openApi ??= json(200, describeAdminApi())) } },
];

/** The OpenAPI document of the Admin API, as `schemas/admin-api.json` has it. */
export const describeAdminApi = (): OpenApiObject => adminApiDocument(ADMIN_ROUTES);

/** What may be read of upstreams on the Status API, too: all that Kong's own route file has. */
const UPSTREAM_READS: readonly AdminRoute[] = LISTED.filter(
  ({ pattern }) =>
    pattern === '/upstreams/{upstreams}/health' ||
    /\/upstreams\/\{upstreams\}\/targets/.test(pattern),
).flatMap(({ pattern, methods }) =>
  methods.GET === undefined ? [] : [{ pattern, methods: { GET: methods.GET } }],
);

/** Every route of the Status API. */
export const STATUS_ROUTES: readonly AdminRoute[] = [
  ...UPSTREAM_READS,
  { pattern: '/metrics', methods: { GET: readMetrics } },
  { pattern: '/status', methods: { GET: node.readStatus } },
  { pattern: '/status/dns', methods: { GET: node.readDnsStatus } },
  { pattern: '/status/ready', methods: { GET: node.readReady, POST: node.drainNode } },
];
