/** A config with one entity of each kind, the names that lead to them, and bodies to write them with. */
import type { EntityKind } from '../../src/config/types.ts';
import { certificateAuthority } from './tls.ts';

const id = (n: number): string => `77000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const CERTIFICATE = id(1);
const CA = id(2);
const PLUGIN = id(3);
const ACL = id(5);

const { ca, sign } = await certificateAuthority('operators');
const { cert, key } = await sign('gateway');
const ANN = { consumer: { username: 'known-ann' } };
const jwk = (kid: string): string => `{"kty":"oct","kid":"${kid}","k":"c2VjcmV0"}`;

/** By kind: the entity as it is sent, without what the path says. In an order in which they can be made. */
export const FIXTURES: ReadonlyMap<EntityKind, object> = new Map<EntityKind, object>([
  ['certificates', { id: CERTIFICATE, cert, key, snis: ['a.test'] }],
  ['snis', { name: 'a.test', certificate: { id: CERTIFICATE } }],
  ['ca_certificates', { id: CA, cert: ca }],
  [
    'services',
    {
      name: 'pay',
      url: 'https://pay.test',
      client_certificate: { id: CERTIFICATE },
      tags: ['red'],
    },
  ],
  ['routes', { name: 'pay-route', paths: ['/pay'], service: { name: 'pay' } }],
  ['consumers', { username: 'known-ann', custom_id: 'known-42' }],
  ['consumer_groups', { name: 'known-group' }],
  ['jwt_secrets', { ...ANN, key: 'known-issuer', secret: 's' }],
  ['keyauth_credentials', { ...ANN, key: 'known-key' }],
  ['basicauth_credentials', { ...ANN, username: 'known-ann', password: 'p' }],
  ['hmacauth_credentials', { ...ANN, username: 'known-ann', secret: 's' }],
  ['acls', { ...ANN, id: ACL, group: 'staff' }],
  [
    'upstreams',
    {
      name: 'pool',
      client_certificate: { id: CERTIFICATE },
      healthchecks: { passive: { unhealthy: { http_failures: 1 } } },
    },
  ],
  ['targets', { upstream: { name: 'pool' }, target: '127.0.0.1:9' }],
  [
    'plugins',
    {
      id: PLUGIN,
      name: 'rate-limiting',
      instance_name: 'limit',
      service: { name: 'pay' },
      route: { name: 'pay-route' },
      ...ANN,
      config: { minute: 5 },
    },
  ],
  ['vaults', { prefix: 'known-team', name: 'env', config: { prefix: 'TEAM_' } }],
  ['key_sets', { name: 'known-set' }],
  ['keys', { name: 'known-key', kid: 'k', set: { name: 'known-set' }, jwk: jwk('k') }],
]);

const UNCHECKED: ReadonlyMap<EntityKind, readonly object[]> = new Map<
  EntityKind,
  readonly object[]
>([
  ['upstreams', [{ name: 'unchecked' }]],
  ['targets', [{ upstream: 'unchecked', target: '127.0.0.1:8' }]],
]);

/** The same as a declarative document, and an upstream whose health nobody checks. */
export const ADMIN_CONFIG: object = {
  _format_version: '3.0',
  ...Object.fromEntries(
    [...FIXTURES].map(([kind, entity]) => {
      const { snis: _snis, ...own } = { snis: undefined, ...entity };
      const entities = [Object.fromEntries(Object.entries(own).map(flat))];
      return [kind, [...entities, ...(UNCHECKED.get(kind) ?? [])]];
    }),
  ),
};

/** In a document, references are names or ids. */
function flat([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  const isReference = ['service', 'route', 'consumer', 'upstream', 'set'].includes(name);
  const isCertificate = name === 'client_certificate' || name === 'certificate';
  if (!(isReference || isCertificate) || typeof value !== 'object') return [name, value];
  return [name, Object.values(value ?? {})[0]];
}

/** A body that makes another entity each time, or changes one. */
export async function freshBody(kind: EntityKind, n: number): Promise<object> {
  switch (kind) {
    case 'services':
      return { name: `service-${n}`, url: 'https://other.test' };
    case 'routes':
      return { name: `route-${n}`, paths: [`/r${n}`] };
    case 'consumer_groups':
      return { name: `group-${n}` };
    case 'consumers':
      return { username: `consumer-${n}` };
    case 'plugins':
      return { name: PLUGIN_NAMES[n % PLUGIN_NAMES.length], instance_name: `plugin-${n}` };
    case 'upstreams':
      return { name: `pool-${n}` };
    case 'targets':
      return { target: `10.0.${n >> 8}.${n & 255}:80` };
    case 'certificates':
      return { ...(await sign(`name-${n}`)), snis: [`cert-${n}.test`] };
    case 'snis':
      return { name: `sni-${n}.test`, certificate: { id: CERTIFICATE } };
    case 'ca_certificates':
      return { cert: (await certificateAuthority(`ca-${n}`)).ca };
    case 'vaults':
      return { prefix: `vault-${n}`, name: 'env' };
    case 'key_sets':
      return { name: `set-${n}` };
    case 'keys':
      return { name: `key-${n}`, kid: `kid-${n}`, jwk: jwk(`kid-${n}`) };
    case 'jwt_secrets':
    case 'keyauth_credentials':
      return { ...ANN, key: `key-${n}` };
    case 'basicauth_credentials':
      return { ...ANN, username: `user-${n}`, password: 'p' };
    case 'hmacauth_credentials':
      return { ...ANN, username: `user-${n}` };
    case 'acls':
      return { ...ANN, group: `group-${n}` };
    default:
      throw new Error(`no body for ${kind}`);
  }
}

/** They may stand at any scope, and need no config. */
const PLUGIN_NAMES = [
  'correlation-id',
  'request-termination',
  'request-transformer',
  'response-transformer',
];

/** By the parameter's name, or by `path parameter` where one name means two things. */
export const KNOWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['services', 'pay'],
  ['routes', 'pay-route'],
  ['consumers', 'known-ann'],
  ['consumer_groups', 'known-group'],
  ['plugins', PLUGIN],
  ['upstreams', 'pool'],
  ['targets', '127.0.0.1:9'],
  ['address', '127.0.0.1:9'],
  ['certificates', CERTIFICATE],
  ['snis', 'a.test'],
  ['ca_certificates', CA],
  ['vaults', 'known-team'],
  ['key_sets', 'known-set'],
  ['keys', 'known-key'],
  ['jwt_secrets', 'known-issuer'],
  ['keyauth_credentials', 'known-key'],
  ['basicauth_credentials', 'known-ann'],
  ['hmacauth_credentials', 'known-ann'],
  ['acls', ACL],
  ['tags', 'red'],
  ['entity', 'services'],
  ['plugin', PLUGIN],
  ['level', 'debug'],
  ['key', 'no-such-key'],
  ['/schemas/plugins/{name} name', 'jwt'],
  ['/plugins/schema/{name} name', 'jwt'],
  ['/schemas/vaults/{name} name', 'env'],
  ['/schemas/filters/{name} name', 'x'],
  ['name', 'kong'],
]);
