/** The keys and servers that one kind of token needs, opened once per load. */
import { ConfigError, KeysetError } from '../../errors.ts';
import type { PluginBuild } from '../../plugin.ts';
import type { BasicAuth, Keyset, KeySource, KeysetSpec, OutboundTls } from '../../services.ts';
import type { EndpointSettings, SigningSettings, TokenSettings } from './settings.ts';

export interface TokenEndpoints {
  /** The issuer's keys; `undefined` when nothing is verified with any. */
  readonly source: KeySource | undefined;
  /** What new tokens are signed with; `undefined` when none are. */
  readonly keyset: Keyset | undefined;
  readonly introspectionTls: OutboundTls;
  /** Lets go of them. */
  close(): void;
}

export function openEndpoints(settings: TokenSettings, build: PluginBuild): TokenEndpoints {
  const { requestHeader, verifiesSignature, jwksUri, jwksEndpoint, verifiesTls: verify } = settings;
  const { keySources } = build.services;
  const { signing } = settings;
  const isUsed = requestHeader !== undefined;
  const signs = isUsed && signing.isEnabled && signing.upstreamHeader !== undefined;
  const keyset = signs ? openKeyset(settings, build) : undefined;
  const source =
    isUsed && verifiesSignature && jwksUri !== null
      ? keySources.open({
          kind: 'jwks',
          url: jwksUri,
          basicAuth: basicAuthOf(jwksEndpoint, build),
          tls: tlsOf(jwksEndpoint, verify, build),
          refreshSeconds: jwksEndpoint.rotatePeriodSeconds,
        })
      : undefined;
  return {
    source,
    keyset,
    introspectionTls: { verify },
    close() {
      source?.close();
      keyset?.close();
    },
  };
}

/** Throws ConfigError for a declared set that cannot sign: nothing but the config can change that. */
function openKeyset({ kind, signing, verifiesTls }: TokenSettings, build: PluginBuild): Keyset {
  const spec = keysetSpec(signing, verifiesTls, build);
  const { keysets } = build.services;
  if (spec.kind !== 'declared') return keysets.open(spec);
  try {
    const keyset = keysets.open(spec);
    void keyset.signingKey(signing.algorithm);
    return keyset;
  } catch (error) {
    if (!(error instanceof KeysetError)) throw error;
    const message = `${error.message}: add one to key_sets, or choose another keyset or algorithm`;
    throw new ConfigError([{ path: [`${kind}_keyset`], message }]);
  }
}

/** A URL, a `key_sets` entity of that name, or a set that this gateway makes and keeps. */
function keysetSpec(signing: SigningSettings, verify: boolean, build: PluginBuild): KeysetSpec {
  const { keyset, keysetEndpoint } = signing;
  const rotateSeconds = keysetEndpoint.rotatePeriodSeconds;
  if (/^https?:\/\//i.test(keyset)) {
    const basicAuth = basicAuthOf(keysetEndpoint, build);
    const tls = tlsOf(keysetEndpoint, verify, build);
    return { kind: 'url', url: keyset, basicAuth, tls, rotateSeconds };
  }
  const declared = build.lookups.keysOfSet(keyset);
  return declared === undefined
    ? { kind: 'named', name: keyset, rotateSeconds }
    : { kind: 'declared', name: keyset, keys: declared };
}

function basicAuthOf(
  { username, password }: EndpointSettings,
  { reveal }: PluginBuild,
): BasicAuth | undefined {
  if (username === null || password === null) return undefined;
  return { username: reveal(username), password: reveal(password) };
}

function tlsOf(
  { certificateId }: EndpointSettings,
  verify: boolean,
  { lookups }: PluginBuild,
): OutboundTls {
  const certificate = certificateId === undefined ? undefined : lookups.certificate(certificateId);
  return { verify, cert: certificate?.cert, key: certificate?.key };
}
