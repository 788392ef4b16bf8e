/**
 * The loaded config: what `resolve` makes of a document. Every entity is complete (id, defaults,
 * `null` where nothing is set) and is, member for member, what Kong's Admin API shows.
 */
import type * as Entities from './schema-types.ts';

export type {
  Acl,
  BasicauthCredential,
  CaCertificate,
  Certificate,
  Consumer,
  ConsumerGroup,
  ConsumerGroupConsumer,
  HmacauthCredential,
  JwtSecret,
  Key,
  KeyauthCredential,
  KeySet,
  PluginEntity,
  Route,
  Service,
  Sni,
  Target,
  Upstream,
  Vault,
} from './schema-types.ts';

/** A foreign key, as the Admin API shows it. */
export interface Reference {
  readonly id: string;
}

/** Kong's plural entity name → the entity's type. */
export interface EntityTypes {
  services: Entities.Service;
  routes: Entities.Route;
  consumers: Entities.Consumer;
  consumer_groups: Entities.ConsumerGroup;
  consumer_group_consumers: Entities.ConsumerGroupConsumer;
  plugins: Entities.PluginEntity;
  upstreams: Entities.Upstream;
  targets: Entities.Target;
  certificates: Entities.Certificate;
  snis: Entities.Sni;
  ca_certificates: Entities.CaCertificate;
  vaults: Entities.Vault;
  keys: Entities.Key;
  key_sets: Entities.KeySet;
  jwt_secrets: Entities.JwtSecret;
  keyauth_credentials: Entities.KeyauthCredential;
  basicauth_credentials: Entities.BasicauthCredential;
  hmacauth_credentials: Entities.HmacauthCredential;
  acls: Entities.Acl;
}

export type EntityKind = keyof EntityTypes;
export type EntityOf<K extends EntityKind> = EntityTypes[K];

/** Deep-frozen plain data: the same in every worker, and what crosses to one as JSON. */
export interface Config {
  /** md5 of the source text, 32 × `0` when nothing is loaded (Kong: `configuration_hash`). */
  readonly hash: string;
  /** Seconds since the epoch. */
  readonly loadedAt: number;
  readonly entities: { readonly [K in EntityKind]: readonly EntityOf<K>[] };
}
