/** Answers with the public keys of a keyset, so that upstreams can verify re-signed tokens. This program's own. */
import type { SilverbackJwksConfig } from '../../config/schema-types.ts';
import { ConfigError, KeysetError } from '../../errors.ts';
import { exitJson, type ExitResponse } from '../../http/response.ts';
import { definePlugin, type PluginLookups } from '../../plugin.ts';
import type { Keyset, Keysets, KeysetSpec, PublicSet } from '../../services.ts';

/** RFC 7517 section 8.5.2. */
const JWK_SET_TYPE = 'application/jwk-set+json';
const UNAVAILABLE = exitJson(503, { message: 'The keys cannot be had at the moment' });
const NOT_ALLOWED = exitJson(405, { message: 'Method not allowed' }, ['Allow', 'GET, HEAD']);

export const silverbackJwks = definePlugin<SilverbackJwksConfig>({
  name: 'silverback-jwks',
  // Below every plugin that decides who may ask, above request-termination.
  priority: 3,
  compile({ keyset: name, max_age: maxAge }, { services, lookups, log }) {
    const keyset = openKeyset(services.keysets, keysetSpec(name, lookups));
    const headers = ['Content-Type', JWK_SET_TYPE, 'Cache-Control', `public, max-age=${maxAge}`];
    let known: { readonly set: PublicSet; readonly answer: ExitResponse } | undefined;

    function answerWith(set: PublicSet): ExitResponse {
      if (known?.set !== set) {
        known = { set, answer: { kind: 'exit', status: 200, headers, body: set.text } };
      }
      return known.answer;
    }

    function refuse(error: unknown): ExitResponse {
      if (!(error instanceof KeysetError)) throw error;
      log.error({ keyset: name, reason: error.message }, 'a keyset cannot be published');
      return UNAVAILABLE;
    }

    return {
      access(ctx) {
        if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return NOT_ALLOWED;
        try {
          const set = keyset.publicSet();
          return set instanceof Promise ? set.then(answerWith).catch(refuse) : answerWith(set);
        } catch (error) {
          return refuse(error);
        }
      },
      close: () => keyset.close(),
    };
  },
});

/** The one that jwt-signer means by the same name: a declared set hides a generated one. */
function keysetSpec(name: string, lookups: PluginLookups): KeysetSpec {
  const keys = lookups.keysOfSet(name);
  return keys === undefined
    ? { kind: 'named', name, rotateSeconds: 0 }
    : { kind: 'declared', name, keys };
}

/** Throws ConfigError for a declared set with nothing to publish: nothing but the config can change that. */
function openKeyset(keysets: Keysets, spec: KeysetSpec): Keyset {
  try {
    return keysets.open(spec);
  } catch (error) {
    if (!(error instanceof KeysetError)) throw error;
    throw new ConfigError([{ path: ['keyset'], message: error.message }]);
  }
}
