/** What the authentication plugins have in common: the anonymous consumer, "one of several is enough", tables of credentials. */
import type { Consumer } from './config/types.ts';
import { errorResponse, type GatewayResponse } from './http/response.ts';
import type {
  AccessResult,
  Credential,
  CredentialKind,
  CredentialOf,
  PluginBuild,
  RequestContext,
} from './plugin.ts';

/** Names the request's consumer and gives `undefined`, or gives the refusal. */
export type Authenticate = (ctx: RequestContext) => AccessResult;

/**
 * The access phase of an authentication plugin (Kong: its `anonymous`). Without `anonymous` every such
 * plugin must succeed. With it, one that has succeeded is enough, and who fails at all of them goes on
 * as that consumer, which is named by id or username.
 */
export function authenticationAccess(
  anonymous: string | null,
  { lookups }: PluginBuild,
  authenticate: Authenticate,
): Authenticate {
  if (anonymous === null) return authenticate;
  const nobody = lookups.anonymousConsumer(anonymous);
  const missing = errorResponse(500);

  function orAnonymous(
    ctx: RequestContext,
    refusal: GatewayResponse | undefined,
  ): GatewayResponse | undefined {
    if (refusal === undefined) return undefined;
    if (nobody === undefined) return missing;
    ctx.authenticate(nobody);
    return undefined;
  }

  return (ctx) => {
    if (ctx.credential !== undefined) return undefined;
    const refusal = authenticate(ctx);
    if (refusal instanceof Promise) return refusal.then((found) => orAnonymous(ctx, found));
    return orAnonymous(ctx, refusal);
  };
}

/** Whose a credential is; no consumer when the config has the credential alone. */
export interface Holder {
  readonly consumer: Consumer | undefined;
  readonly credential: Credential;
}

type Table<T> = ReadonlyMap<string, T & Holder>;

/**
 * Credentials by what the config knows them by (a key, a username), with what `prepare` makes of each.
 * A table is made once per load, by the first entry of the plugin, and goes with the load.
 */
export function credentialTable<K extends CredentialKind, T extends object>(
  kind: K,
  prepare: (entity: CredentialOf<K>, loadedAt: number) => T,
): (build: Pick<PluginBuild, 'lookups' | 'now'>) => Table<T> {
  const tables = new WeakMap<object, Table<T>>();
  return ({ lookups, now }) => {
    const entities: ReadonlyMap<string, CredentialOf<K>> = lookups.credentials(kind);
    const known = tables.get(entities);
    if (known !== undefined) return known;
    const loadedAt = now();
    const table = new Map<string, T & Holder>();
    for (const [name, entity] of entities) {
      const consumerId = entity.consumer.id;
      table.set(name, {
        ...prepare(entity, loadedAt),
        consumer: lookups.consumerById(consumerId),
        credential: { id: entity.id, consumerId },
      });
    }
    tables.set(entities, table);
    return table;
  };
}
