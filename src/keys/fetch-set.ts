/** Getting a provider's JWK set: from its URL, or from the one that its discovery document names. */
import { OutboundError } from '../errors.ts';
import { isObject, parseJson } from '../http/json.ts';
import type { KeySourceSpec, Outbound, OutboundAnswer, OutboundRequest } from '../services.ts';
import { membersOf, SET_BYTES_MAX } from '../tokens/jwk-set.ts';

/** A document that may become the keys of a provider: its members are not looked at yet. */
export interface FetchedSet {
  readonly jwks: readonly unknown[];
  readonly issuer: string | undefined;
}

/** What a discovery document said, kept for the calls after it. */
export interface Discovery {
  readonly jwksUri: string;
  readonly issuer: string;
  /** The URL of the document. */
  readonly url: string;
}

const WELL_KNOWN = '/.well-known/openid-configuration';
const TIMEOUT_MS = 5000;
const REDIRECTS_MAX = 3;

/** A provider that answers, but not with what it should. `message` may be logged. */
export class ProviderError extends Error {}

type Call = Pick<OutboundRequest, 'basicAuth' | 'tls'>;

/** Rejects with OutboundError or ProviderError. */
export async function fetchSet(
  spec: KeySourceSpec,
  outbound: Outbound,
  known: Discovery | undefined,
): Promise<FetchedSet> {
  const { basicAuth, tls } = spec;
  if (spec.kind === 'jwks') {
    return {
      jwks: await readSet(outbound, { url: spec.url, method: 'GET', basicAuth, tls }),
      issuer: undefined,
    };
  }
  const { jwksUri, issuer, url } = known ?? (await discover(spec, outbound));
  // The credentials are for the provider; the document may name another server.
  const isSame = new URL(jwksUri).origin === new URL(url).origin;
  const own: Call = isSame
    ? { basicAuth, tls }
    : { tls: tls === undefined ? undefined : { verify: tls.verify, ca: tls.ca } };
  return {
    jwks: await readSet(outbound, { url: jwksUri, method: 'GET', via: url, ...own }),
    issuer,
  };
}

/** OpenID Connect Discovery 1.0 section 4. */
export async function discover(spec: KeySourceSpec, outbound: Outbound): Promise<Discovery> {
  const { basicAuth, tls } = spec;
  const isDocument = spec.url.endsWith(WELL_KNOWN);
  const issuerUrl = isDocument ? spec.url.slice(0, -WELL_KNOWN.length) : spec.url;
  const url = `${issuerUrl.replace(/\/$/, '')}${WELL_KNOWN}`;
  const value = await readJson(outbound, { url, method: 'GET', basicAuth, tls });
  const { issuer, jwks_uri: jwksUri } = isObject(value) ? value : {};
  // Section 4.3: it must be the issuer that was asked for, or any provider could speak for any other.
  const isIssuer = typeof issuer === 'string' && withoutSlash(issuer) === withoutSlash(issuerUrl);
  if (!isIssuer) throw new ProviderError('the discovery document is of another issuer');
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) {
    throw new ProviderError('the discovery document has no jwks_uri');
  }
  return { jwksUri, issuer, url };
}

const withoutSlash = (text: string): string => text.replace(/\/$/, '');

async function readSet(outbound: Outbound, request: OutboundRequest): Promise<readonly unknown[]> {
  const members = membersOf(await readJson(outbound, request));
  if ('fault' in members) throw new ProviderError(`the JWK set is not valid: ${members.fault}`);
  return members.jwks;
}

async function readJson(outbound: Outbound, request: OutboundRequest): Promise<unknown> {
  const answer = await outbound.request({
    headers: ['Accept', 'application/json, application/jwk-set+json'],
    timeoutMs: TIMEOUT_MS,
    bytesMax: SET_BYTES_MAX,
    redirectsMax: REDIRECTS_MAX,
    ...request,
  });
  if (answer.status !== 200) throw new ProviderError(`it answered ${answer.status}`);
  const parsed = parseJson(answer.body);
  if (parsed === undefined)
    throw new ProviderError(`it answered with something that is no JSON${kindOf(answer)}`);
  return parsed.value;
}

/** A hint for the person who reads the log: login pages are the usual reason. */
const kindOf = ({ body }: OutboundAnswer): string =>
  body.subarray(0, 256).toString('latin1').trimStart().startsWith('<') ? ' but HTML' : '';

/** What went wrong, for logs and the status; never a URL, a token or a password. */
export const reasonOf = (error: unknown): string =>
  error instanceof ProviderError || error instanceof OutboundError
    ? error.message
    : 'an internal error';
