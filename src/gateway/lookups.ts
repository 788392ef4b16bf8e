/** The loaded config by the keys that compiling and plugins look things up with. */
import type { Certificate, Config, Consumer, ConsumerGroup, Key } from '../config/types.ts';
import type { CredentialKind, CredentialMaps, PluginLookups } from '../plugin.ts';

export interface Lookups extends PluginLookups {
  /** Ids of a consumer's groups. */
  groupIdsOf(consumerId: string): readonly string[];
}

const NO_GROUPS: readonly string[] = [];

const byField = <T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, T> =>
  new Map(items.map((item) => [keyOf(item), item]));

/** Maps are built once per load; the same map is handed to every plugin entry. */
export function createLookups(config: Config, reveal: (text: string) => string): Lookups {
  const { entities } = config;
  const consumers = byField(entities.consumers, ({ id }) => id);
  const consumersByName = new Map<string, Consumer>();
  const consumersByCustomId = new Map<string, Consumer>();
  for (const consumer of entities.consumers) {
    if (consumer.username !== null) consumersByName.set(consumer.username, consumer);
    if (consumer.custom_id !== null) consumersByCustomId.set(consumer.custom_id, consumer);
  }
  const consumersBy = { id: consumers, username: consumersByName, custom_id: consumersByCustomId };
  const groups = byField(entities.consumer_groups, ({ id }) => id);
  const groupsOf = new Map<string, ConsumerGroup[]>();
  for (const member of entities.consumer_group_consumers) {
    const group = groups.get(member.consumer_group.id);
    if (group === undefined) continue;
    const list = groupsOf.get(member.consumer.id) ?? [];
    list.push(group);
    groupsOf.set(member.consumer.id, list);
  }
  const maps: CredentialMaps = {
    jwt_secrets: byField(entities.jwt_secrets, ({ key }) => key),
    keyauth_credentials: byField(entities.keyauth_credentials, ({ key }) => key),
    basicauth_credentials: byField(entities.basicauth_credentials, ({ username }) => username),
    hmacauth_credentials: byField(entities.hmacauth_credentials, ({ username }) => username),
  };
  const aclGroups = new Map<string, string[]>();
  for (const { consumer, group } of entities.acls.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const list = aclGroups.get(consumer.id);
    if (list === undefined) aclGroups.set(consumer.id, [group]);
    else list.push(group);
  }
  return {
    credentials: <K extends CredentialKind>(kind: K) => maps[kind],
    consumerById: (id) => consumers.get(id),
    consumerBy: (field, value) => consumersBy[field].get(value),
    anonymousConsumer: (idOrUsername) =>
      consumers.get(idOrUsername) ?? consumersByName.get(idOrUsername),
    groupsOf: (consumerId) => groupsOf.get(consumerId) ?? [],
    aclGroupsOf: (consumerId) => aclGroups.get(consumerId) ?? NO_GROUPS,
    certificate: (id) => revealedCertificate(entities.certificates, id, reveal),
    keysOfSet: (name) => revealedKeys(entities, name, reveal),
    groupIdsOf: (consumerId) => (groupsOf.get(consumerId) ?? []).map(({ id }) => id),
  };
}

/** Asked for while plugins compile, and seldom: no map is kept. */
function revealedCertificate(
  certificates: readonly Certificate[],
  id: string,
  reveal: (text: string) => string,
): Certificate | undefined {
  const found = certificates.find((certificate) => certificate.id === id);
  return found && { ...found, cert: reveal(found.cert), key: reveal(found.key) };
}

function revealedKeys(
  entities: Config['entities'],
  name: string,
  reveal: (text: string) => string,
): readonly Key[] | undefined {
  const set = entities.key_sets.find((candidate) => candidate.name === name);
  if (set === undefined) return undefined;
  const shown = (text: string | null): string | null => (text === null ? null : reveal(text));
  return entities.keys
    .filter((key) => key.set?.id === set.id)
    .map((key) => ({
      ...key,
      jwk: shown(key.jwk),
      pem: key.pem && {
        ...key.pem,
        private_key: shown(key.pem.private_key),
        public_key: shown(key.pem.public_key),
      },
    }));
}
