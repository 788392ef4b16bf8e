/** Tokens of trusted issuers: verified with the keys the issuer publishes. Beyond Kong's jwt plugin. */
import type { JwtConfig } from '../../config/schema-types.ts';
import { ConfigError } from '../../errors.ts';
import type { ExitResponse } from '../../http/response.ts';
import type { Immutable, PluginBuild } from '../../plugin.ts';
import type { KeySource, SourceKeys } from '../../services.ts';
import { algorithmNamed, ALGORITHMS, type Algorithm } from '../../tokens/algorithms.ts';
import { parseClaims, parseCompact, type CompactJws } from '../../tokens/compact.ts';
import { findSigner, type VerificationKey } from '../../tokens/jwk-set.ts';
import type { JsonObject } from '../../tokens/strict-json.ts';
import { createTokenCache } from '../../tokens/token-cache.ts';
import type { Refusals } from './refusals.ts';

export type IssuerConfig = NonNullable<Immutable<JwtConfig>['issuers']>[number];

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
  { services, trace }: PluginBuild,
  refusals: Refusals,
): Issuers | undefined {
  const { issuers = [] } = config;
  if (issuers.length === 0) return undefined;
  issuers.forEach(checkDiscovery);
  const known: ReadonlyMap<unknown, Issuer> = new Map(
    issuers.map((issuer) => [issuer.issuer, open(issuer, services.keySources)]),
  );
  const remembered = createTokenCache<IssuedToken>();

  function accept(text: string, found: IssuedToken): IssuedToken {
    trace?.passed('signature', `verifies with the key ${found.key.kid ?? '(without kid)'}`);
    remembered.add(text, found);
    return found;
  }

  async function ask(
    text: string,
    { source, config: issuer }: Issuer,
    token: Parsed,
  ): Promise<Verified> {
    const { jws, claims } = token;
    let keys = source.current() ?? (await source.load());
    let key = signerIn(keys, jws);
    if (key === undefined && keys !== undefined) {
      keys = await source.refresh(keys);
      key = signerIn(keys, jws);
    }
    if (key !== undefined) return accept(text, { issuer, claims, key });
    if (keys === undefined) {
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
      const key = signerIn(issuer.source.current(), token.jws);
      if (key === undefined) return ask(text, issuer, token);
      return accept(text, { issuer: issuer.config, claims: token.claims, key });
    },
    close() {
      for (const { source } of known.values()) source.close();
    },
  };
}

interface Parsed {
  readonly jws: CompactJws;
  readonly claims: JsonObject;
}

/** What is not strictly a token is left to Kong's checks, which have a word for each fault. */
function parse(text: string): Parsed | undefined {
  const { jws } = parseCompact(text);
  const claims = jws && parseClaims(jws);
  return jws !== undefined && claims !== undefined ? { jws, claims } : undefined;
}

/** Throws ConfigError: only a URL can be asked where the keys are, and credentials in it would not be sent. */
function checkDiscovery({ issuer, jwks_uri: uri }: IssuerConfig, index: number): void {
  const message = faultOfUrl(uri ?? issuer, uri === null);
  if (message === undefined) return;
  throw new ConfigError([{ path: ['issuers', index, 'jwks_uri'], message }]);
}

function faultOfUrl(text: string, isDiscovered: boolean): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return isDiscovered
      ? 'is needed: the issuer is no URL that it could be discovered from'
      : 'must be an http or https URL';
  }
  const hasUser = url.username !== '' || url.password !== '';
  return hasUser ? 'must not hold a user name or a password' : undefined;
}

function open(config: IssuerConfig, sources: PluginBuild['services']['keySources']): Issuer {
  const {
    issuer,
    jwks_uri: uri,
    algorithms,
    ssl_verify: verify,
    refresh_seconds: seconds,
  } = config;
  const source = sources.open({
    ...(uri === null ? { kind: 'discovery', url: issuer } : { kind: 'jwks', url: uri }),
    tls: { verify },
    refreshSeconds: seconds,
  });
  const named = algorithms?.map(algorithmNamed).filter((name) => name !== undefined);
  return { config, algorithms: new Set(named ?? ASYMMETRIC), source };
}

const signerIn = (keys: SourceKeys | undefined, jws: CompactJws): VerificationKey | undefined =>
  keys === undefined ? undefined : findSigner(keys.keys, jws);

/** A key that the issuer took back verifies nothing any more. */
function isPublished({ issuer, key }: IssuedToken, known: ReadonlyMap<unknown, Issuer>): boolean {
  return known.get(issuer.issuer)?.source.current()?.keys.includes(key) ?? false;
}
