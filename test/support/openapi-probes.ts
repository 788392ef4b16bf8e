/** What the operations of the Admin API are asked: names that are there and that are not, bodies good and bad. */
import type { DescribedOperation } from './openapi.ts';
import { ADMIN_CONFIG, KNOWN_NAMES } from './openapi-config.ts';

/** The path of an operation with names in it: those that are there, or some that are not. */
const pathWith = ({ path }: DescribedOperation, nameOf: (parameter: string) => string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(nameOf(name)));

/** With names of what there is in the config of these tests. */
export const knownPath = (operation: DescribedOperation): string =>
  pathWith(
    operation,
    (name) => KNOWN_NAMES.get(`${operation.path} ${name}`) ?? KNOWN_NAMES.get(name) ?? 'x',
  );

/** One request; its body is sent as JSON. */
export interface Probe {
  readonly path: string;
  readonly body?: unknown;
}

/** `METHOD pattern` of the operation, and what is asked of it. */
export type KeyedProbe = readonly [key: string, probe: Probe];

export const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** What there is and what there is not, with arguments and bodies that are good and bad. */
export function probesOf(operation: DescribedOperation): readonly Probe[] {
  const { method, path: pattern, parameters, example = {} } = operation;
  // A keyset is made for any name, and its keys take seconds: `MORE` makes one.
  if (method === 'PUT' && pattern === '/jwt-signer/jwks/{name}') return [];
  const known = knownPath(operation);
  const nobody = pathWith(operation, () => '99000000-0000-4000-8000-000000000000');
  const bad = pathWith(operation, () => 'not a name!');
  const missing = parameters.length === 0 ? [] : [nobody, bad];
  if (!WITH_BODY.has(method)) {
    const paths = [...missing, known, `${known}?size=0&unit=x`];
    return (method === 'GET' ? [...paths, `${known}?size=1`] : paths).map((path) => ({ path }));
  }
  return [
    ...missing.map((path) => ({ path, body: example })),
    ...[{ no_such_field: 1 }, example].map((body) => ({ path: known, body })),
  ];
}

const UNCHECKED = '/upstreams/unchecked/targets/127.0.0.1:8';
const TARGET = '/upstreams/{upstreams}/targets/{targets}';
const STATES = ['healthy', 'unhealthy'];

/** What needs an order, or a body that is like no other. */
export const MORE: readonly KeyedProbe[] = [
  ['POST /config', { path: '/config', body: ADMIN_CONFIG }],
  ['GET /jwt-signer/jwks/{name}', { path: '/jwt-signer/jwks/mine' }],
  ['PUT /jwt-signer/jwks/{name}', { path: '/jwt-signer/jwks/mine', body: {} }],
  ['GET /jwt-signer/jwks/{name}', { path: '/jwt-signer/jwks/mine' }],
  ['POST /jwt-signer/jwks/{name}/rotate', { path: '/jwt-signer/jwks/mine/rotate', body: {} }],
  [
    'POST /jwt-signer/jwks/{name}/rotate',
    { path: '/jwt-signer/jwks/mine/rotate', body: { client_username: 'x' } },
  ],
  ['DELETE /jwt-signer/jwks/{name}', { path: '/jwt-signer/jwks/mine' }],
  ['POST /schemas/plugins/validate', { path: '/schemas/plugins/validate', body: { name: 'jwt' } }],
  [
    'POST /schemas/vaults/validate',
    { path: '/schemas/vaults/validate', body: { name: 'env', prefix: 'mine' } },
  ],
  [
    'POST /schemas/{entity}/validate',
    { path: '/schemas/services/validate', body: { host: 'a.test' } },
  ],
  ...STATES.flatMap((state): readonly KeyedProbe[] => [
    [`PUT ${TARGET}/${state}`, { path: `${UNCHECKED}/${state}` }],
    [`PUT ${TARGET}/{address}/${state}`, { path: `${UNCHECKED}/127.0.0.1:8/${state}` }],
  ]),
];

const OF_ANN = '/consumers/{consumers}/consumer_groups';
const OF_GROUP = '/consumer_groups/{consumer_groups}/consumers';
const ANN = '/consumers/known-ann/consumer_groups';
const GROUP = '/consumer_groups/known-group/consumers';

const PLUGIN_ID = '77000000-0000-4000-8000-000000000099';
const OF_PLUGINS = '/consumer_groups/{consumer_groups}/plugins';
const PLUGINS = '/consumer_groups/known-group/plugins';
const PLUGIN = `${PLUGINS}/${PLUGIN_ID}`;
const LINKED = '/plugins/{plugins}/consumer_group';

/** Members and plugins of groups come and go. */
export const MEMBERS: readonly KeyedProbe[] = [
  [`POST ${OF_ANN}`, { path: ANN, body: {} }],
  [`POST ${OF_ANN}`, { path: ANN, body: { group: 'known-group' } }],
  [`GET ${OF_GROUP}`, { path: GROUP }],
  [`DELETE ${OF_ANN}/{consumer_groups}`, { path: `${ANN}/known-group` }],
  [`DELETE ${OF_ANN}/{consumer_groups}`, { path: `${ANN}/known-group` }],
  [`POST ${OF_GROUP}`, { path: GROUP, body: { consumer: 'known-ann' } }],
  [`DELETE ${OF_GROUP}/{consumers}`, { path: `${GROUP}/known-ann` }],
  [`POST ${OF_GROUP}`, { path: GROUP, body: { consumer: ['known-ann'] } }],
  [`DELETE ${OF_GROUP}`, { path: GROUP }],
  [`DELETE ${OF_ANN}`, { path: ANN }],
  [`DELETE ${OF_ANN}`, { path: '/consumers/nobody/consumer_groups' }],
  [`POST ${OF_PLUGINS}`, { path: PLUGINS, body: { name: 'response-transformer' } }],
  [`PUT ${OF_PLUGINS}/{plugins}`, { path: PLUGIN, body: { name: 'request-transformer' } }],
  [`GET ${OF_PLUGINS}/{plugins}`, { path: PLUGIN }],
  [`PATCH ${OF_PLUGINS}/{plugins}`, { path: PLUGIN, body: { enabled: false } }],
  [`GET ${LINKED}`, { path: `/plugins/${PLUGIN_ID}/consumer_group` }],
  [`PATCH ${LINKED}`, { path: `/plugins/${PLUGIN_ID}/consumer_group`, body: { tags: ['a'] } }],
  [
    `PUT ${LINKED}`,
    { path: `/plugins/${PLUGIN_ID}/consumer_group`, body: { name: 'known-group' } },
  ],
  [`DELETE ${OF_PLUGINS}/{plugins}`, { path: PLUGIN }],
];
