/** Where the keys of an issuer come from: its JWK set by URL or by discovery, or a key set of the config. */
import type { JwtConfig } from '../../config/schema-types.ts';
import { ConfigError, KeysetError, type ConfigIssue } from '../../errors.ts';
import type { Immutable, PluginBuild } from '../../plugin.ts';
import type { DeclaredKeySet, KeySource, KeySourceSpec } from '../../services.ts';

export type IssuerConfig = NonNullable<Immutable<JwtConfig>['issuers']>[number];

type Build = Pick<PluginBuild, 'lookups' | 'services'>;

/** What is wrong with an issuer, and with which of its fields. */
interface Fault {
  readonly field: 'issuer' | 'jwks_uri' | 'key_set';
  readonly message: string;
}

/** One source for each, in their order. Throws ConfigError with the problems of all. */
export function openIssuerKeys(
  issuers: readonly IssuerConfig[],
  build: Build,
): readonly (readonly [IssuerConfig, KeySource])[] {
  const opened: [IssuerConfig, KeySource][] = [];
  const issues: ConfigIssue[] = [];
  const names = new Set<string>();
  issuers.forEach((issuer, index) => {
    const outcome = names.has(issuer.issuer) ? TWICE : openKeys(issuer, build);
    names.add(issuer.issuer);
    if (!('message' in outcome)) opened.push([issuer, outcome]);
    else issues.push({ path: ['issuers', index, outcome.field], message: outcome.message });
  });
  if (issues.length === 0) return opened;
  for (const [, source] of opened) source.close();
  throw new ConfigError(issues);
}

const TWICE: Fault = {
  field: 'issuer',
  message: 'is there twice: write one entry for each issuer',
};

function openKeys(issuer: IssuerConfig, { lookups, services }: Build): KeySource | Fault {
  const { keySources } = services;
  const { key_set: name } = issuer;
  if (name === null) {
    const message = faultOfUrl(issuer);
    return message === undefined ? keySources.open(remote(issuer)) : { field: 'jwks_uri', message };
  }
  const set = declared(name, issuer, lookups);
  if ('message' in set) return set;
  try {
    return keySources.open(set);
  } catch (error) {
    if (!(error instanceof KeysetError)) throw error;
    return { field: 'key_set', message: error.message };
  }
}

function remote(issuer: IssuerConfig): KeySourceSpec {
  const { issuer: name, jwks_uri: uri, ssl_verify: verify, refresh_seconds: seconds } = issuer;
  return {
    ...(uri === null ? { kind: 'discovery', url: name } : { kind: 'jwks', url: uri }),
    tls: { verify },
    refreshSeconds: seconds,
  };
}

function declared(
  name: string,
  { jwks_uri: uri }: IssuerConfig,
  lookups: PluginBuild['lookups'],
): DeclaredKeySet | Fault {
  if (uri !== null) {
    return { field: 'key_set', message: 'goes without jwks_uri: remove one of the two' };
  }
  const keys = lookups.keysOfSet(name);
  if (keys !== undefined) return { kind: 'declared', name, keys };
  return {
    field: 'key_set',
    message: `there is no '${name}' in key_sets: declare it, or name one that is there`,
  };
}

/** Only a URL can be asked where the keys are, and credentials in it would not be sent. */
function faultOfUrl({ issuer, jwks_uri: uri }: IssuerConfig): string | undefined {
  const text = uri ?? issuer;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return uri === null
      ? 'is needed, or key_set: the issuer is no URL that it could be discovered from'
      : 'must be an http or https URL';
  }
  const hasUser = url.username !== '' || url.password !== '';
  return hasUser ? 'must not hold a user name or a password' : undefined;
}
