/** The loaded config by the keys that compiling and plugins look things up with. */
import type { Config, Consumer, ConsumerGroup } from '../config/types.ts';
import type { CredentialKind, PluginLookups } from '../plugin.ts';

export interface Lookups extends PluginLookups {
  /** Ids of a consumer's groups. */
  groupIdsOf(consumerId: string): readonly string[];
}

const byField = <T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, T> =>
  new Map(items.map((item) => [keyOf(item), item]));

/** Maps are built once per load; the same map is handed to every plugin entry. */
export function createLookups(config: Config): Lookups {
  const { entities } = config;
  const consumers = byField(entities.consumers, ({ id }) => id);
  const consumersByName = new Map<string, Consumer>();
  for (const consumer of entities.consumers) {
    if (consumer.username !== null) consumersByName.set(consumer.username, consumer);
  }
  const groups = byField(entities.consumer_groups, ({ id }) => id);
  const groupsOf = new Map<string, ConsumerGroup[]>();
  for (const member of entities.consumer_group_consumers) {
    const group = groups.get(member.consumer_group.id);
    if (group === undefined) continue;
    const list = groupsOf.get(member.consumer.id) ?? [];
    list.push(group);
    groupsOf.set(member.consumer.id, list);
  }
  const jwtSecrets = byField(entities.jwt_secrets, ({ key }) => key);
  const keyauth = byField(entities.keyauth_credentials, ({ key }) => key);
  function credentials(kind: 'jwt_secrets'): typeof jwtSecrets;
  function credentials(kind: 'keyauth_credentials'): typeof keyauth;
  function credentials(kind: CredentialKind): typeof jwtSecrets | typeof keyauth {
    return kind === 'jwt_secrets' ? jwtSecrets : keyauth;
  }
  return {
    credentials,
    consumerById: (id) => consumers.get(id),
    anonymousConsumer: (idOrUsername) =>
      consumers.get(idOrUsername) ?? consumersByName.get(idOrUsername),
    groupsOf: (consumerId) => groupsOf.get(consumerId) ?? [],
    groupIdsOf: (consumerId) => (groupsOf.get(consumerId) ?? []).map(({ id }) => id),
  };
}
