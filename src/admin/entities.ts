/** Which entities the Admin API shows, under which paths, and how they hang together. */
import type { EntityKind } from '../config/types.ts';

/** A foreign key: `field` of the child holds the id of an entity of kind `to`. */
export interface ForeignKey {
  readonly field: string;
  readonly to: EntityKind;
  /** The last segment of the collection below the parent; absent: there is none. */
  readonly nested?: string;
  /** False where Kong has no path from the child to the parent. */
  readonly linked?: false;
}

export interface EntityDescription {
  readonly kind: EntityKind;
  /** First path segment; absent: shown below a parent only. */
  readonly path: string | undefined;
  /** The unique field that may stand for the id in a path. */
  readonly key: string | undefined;
  /** True when `key` obeys Kong's rule for names, which is checked before the look-up. */
  readonly keyIsName: boolean;
  readonly foreign: readonly ForeignKey[];
}

const CONSUMER = (nested: string): ForeignKey => ({ field: 'consumer', to: 'consumers', nested });

/** Everything that a path can lead to. Lists, paths and refusals follow from this table. */
export const ENTITIES: readonly EntityDescription[] = [
  {
    kind: 'services',
    path: 'services',
    key: 'name',
    keyIsName: true,
    foreign: [{ field: 'client_certificate', to: 'certificates', nested: 'services' }],
  },
  {
    kind: 'routes',
    path: 'routes',
    key: 'name',
    keyIsName: true,
    foreign: [{ field: 'service', to: 'services', nested: 'routes' }],
  },
  { kind: 'consumers', path: 'consumers', key: 'username', keyIsName: false, foreign: [] },
  {
    kind: 'plugins',
    path: 'plugins',
    key: 'instance_name',
    keyIsName: true,
    foreign: [
      { field: 'route', to: 'routes', nested: 'plugins' },
      { field: 'service', to: 'services', nested: 'plugins' },
      CONSUMER('plugins'),
    ],
  },
  {
    kind: 'upstreams',
    path: 'upstreams',
    key: 'name',
    keyIsName: false,
    foreign: [{ field: 'client_certificate', to: 'certificates', nested: 'upstreams' }],
  },
  {
    kind: 'targets',
    path: undefined,
    key: 'target',
    keyIsName: false,
    foreign: [{ field: 'upstream', to: 'upstreams', nested: 'targets', linked: false }],
  },
  { kind: 'certificates', path: 'certificates', key: undefined, keyIsName: false, foreign: [] },
  {
    kind: 'snis',
    path: 'snis',
    key: 'name',
    keyIsName: false,
    foreign: [{ field: 'certificate', to: 'certificates', nested: 'snis', linked: false }],
  },
  {
    kind: 'ca_certificates',
    path: 'ca_certificates',
    key: undefined,
    keyIsName: false,
    foreign: [],
  },
  { kind: 'vaults', path: 'vaults', key: 'prefix', keyIsName: false, foreign: [] },
  {
    kind: 'keys',
    path: 'keys',
    key: 'name',
    keyIsName: true,
    foreign: [{ field: 'set', to: 'key_sets', nested: 'keys' }],
  },
  { kind: 'key_sets', path: 'key-sets', key: 'name', keyIsName: true, foreign: [] },
  {
    kind: 'jwt_secrets',
    path: 'jwts',
    key: 'key',
    keyIsName: false,
    foreign: [CONSUMER('jwt')],
  },
  {
    kind: 'keyauth_credentials',
    path: 'key-auths',
    key: 'key',
    keyIsName: false,
    foreign: [CONSUMER('key-auth')],
  },
  {
    kind: 'basicauth_credentials',
    path: 'basic-auths',
    key: 'username',
    keyIsName: false,
    foreign: [CONSUMER('basic-auth')],
  },
  {
    kind: 'hmacauth_credentials',
    path: 'hmac-auths',
    key: 'username',
    keyIsName: false,
    foreign: [CONSUMER('hmac-auth')],
  },
  { kind: 'acls', path: 'acls', key: undefined, keyIsName: false, foreign: [CONSUMER('acls')] },
];

/** What the open-source Kong has no paths for: `GET /endpoints` does not list it either. */
export const CONSUMER_GROUPS: EntityDescription = {
  kind: 'consumer_groups',
  path: 'consumer_groups',
  key: 'name',
  keyIsName: false,
  foreign: [],
};

/** Plugins of a group. */
export const GROUP_PLUGINS: ForeignKey & { readonly nested: string } = {
  field: 'consumer_group',
  to: 'consumer_groups',
  nested: 'plugins',
};

const BY_KIND: ReadonlyMap<EntityKind, EntityDescription> = new Map(
  [...ENTITIES, CONSUMER_GROUPS].map((entity) => [entity.kind, entity]),
);

/** The description of a kind; throws for one without paths, which no table row refers to. */
export function describe(kind: EntityKind): EntityDescription {
  const entity = BY_KIND.get(kind);
  if (entity === undefined) throw new Error(`the Admin API does not show ${kind}`);
  return entity;
}
