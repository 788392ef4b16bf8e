/** Tokens of trusted issuers: verified with the keys the issuer publishes. Beyond Kong's jwt plugin. */
import type { JwtConfig } from '../../config/schema-types.ts';
import type { ExitResponse } from '../../http/response.ts';
import type { Immutable, PluginBuild } from '../../plugin.ts';
import type { KeySource, SourceKeys } from '../../services.ts';
import { algorithmNamed, ALGORITHMS, type Algorithm } from '../../tokens/algorithms.ts';
import { parseClaims, parseCompact, type CompactJws } from '../../tokens/compact.ts';
import { findSigner, type VerificationKey } from '../../tokens/jwk-set.ts';
import type { JsonObject } from '../../tokens/strict-json.ts';
import { createTokenCache } from '../../tokens/token-cache.ts';
import { openIssuerKeys, type IssuerConfig } from './issuer-keys.ts';
import type { Refusals } from './refusals.ts';

/** A token of an issuer whose signature was valid. */
export interface IssuedToken {
  readonly issuer: IssuerConfig;
  readonly claims: JsonObject;
  /** The key that verified it: a token is remembered as long as the issuer publishes it. */
  readonly key: VerificationKey;
}

export interface Issuers {
  /** `undefined`: not a token of one of them. A promise when keys have to be asked for. */
  verify(text: string): Verified | undefined | Promise<Verified>;
  close(): void;
}

export type Verified = IssuedToken | ExitResponse;

interface Issuer {
  readonly config: IssuerConfig;
  readonly algorithms: ReadonlySet<Algorithm>;
  readonly source: KeySource;
}

/** Without a list, every algorithm with key pairs: a published secret is none. */
const ASYMMETRIC: readonly Algorithm[] = ALGORITHMS.filter((name) => !name.startsWith('HS'));

/** `undefined` when the entry names no issuer. Starts to load their keys. */
export function compileIssuers(
  config: Immutable<JwtConfig>,
  build: PluginBuild,
  refusals: Refusals,
): Issuers | undefined {
  const { issuers = [] } = config;
  if (issuers.length === 0) return undefined;
  const { trace } = build;
  const opened = openIssuerKeys(issuers, build).map(withAlgorithms);
  const known: ReadonlyMap<unknown, Issuer> = new Map(
    opened.map((issuer) => [issuer.config.issuer, issuer]),
  );
  const remembered = createTokenCache<IssuedToken>();

  function accept(text: string, found: IssuedToken): IssuedToken {
    trace?.passed('signature', `verifies with the key ${found.key.kid ?? '(without kid)'}`);
    remembered.add(text, found);
    return found;
  }

  /** Without keys they are loaded; when those `tried` do not verify, newer ones are asked for. */
  async function ask(
    { source, config: issuer }: Issuer,
    { text, jws, claims }: Parsed,
    tried: SourceKeys | undefined,
  ): Promise<Verified> {
    const loaded = tried ?? (await source.load());
    let key = loaded === tried ? undefined : signerIn(loaded, jws);
    if (key === undefined && loaded !== undefined) {
      const newer = await source.refresh(loaded);
      key = newer === loaded ? undefined : signerIn(newer, jws);
    }
    if (key !== undefined) return accept(text, { issuer, claims, key });
    if (loaded === undefined) {
      trace?.failed('keys', 'the keys of the issuer cannot be had now');
      return refusals.noKeys;
    }
    trace?.failed('signature', `no key of the issuer verifies it; kid: ${jws.kid ?? 'none'}`);
    return refusals.fault('Invalid signature');
  }

  return {
    verify(text) {
      const before = remembered.get(text);
      if (before !== undefined && isPublished(before, known)) return before;
      const token = parse(text);
      const issuer = known.get(token?.claims['iss']);
      if (token === undefined || issuer === undefined) {
        trace?.noted('issuer', 'not one that the config trusts: a credential has to verify it');
        return undefined;
      }
      trace?.passed('form', `a JWT, alg ${token.jws.algorithm}`);
      trace?.passed('issuer', `${issuer.config.issuer} is trusted by the config`);
      if (!issuer.algorithms.has(token.jws.algorithm)) {
        trace?.failed('algorithm', `${token.jws.algorithm} is not one that the issuer may use`);
        return refusals.fault('Invalid algorithm');
      }
      const keys = issuer.source.current();
      const key = signerIn(keys, token.jws);
      if (key === undefined) return ask(issuer, token, keys);
      return accept(text, { issuer: issuer.config, claims: token.claims, key });
    },
    close() {
      for (const { source } of known.values()) source.close();
    },
  };
}

function withAlgorithms([config, source]: readonly [IssuerConfig, KeySource]): Issuer {
  const named = config.algorithms?.map(algorithmNamed).filter((name) => name !== undefined);
  return { config, algorithms: new Set(named ?? ASYMMETRIC), source };
}

interface Parsed {
  readonly text: string;
  readonly jws: CompactJws;
  readonly claims: JsonObject;
}

/** What is not strictly a token is left to Kong's checks, which have a word for each fault. */
function parse(text: string): Parsed | undefined {
  const { jws } = parseCompact(text);
  const claims = jws && parseClaims(jws);
  return jws !== undefined && claims !== undefined ? { text, jws, claims } : undefined;
}

const signerIn = (keys: SourceKeys | undefined, jws: CompactJws): VerificationKey | undefined =>
  keys === undefined ? undefined : findSigner(keys.keys, jws);

/** A key that the issuer took back verifies nothing any more. */
function isPublished({ issuer, key }: IssuedToken, known: ReadonlyMap<unknown, Issuer>): boolean {
  return known.get(issuer.issuer)?.source.current()?.keys.includes(key) ?? false;
}
