/**
 * The header fields an upstream gets: the client's, less what ends at this hop, plus what Kong adds
 * (as Kong 3.9 does). The one place where request framing and forwarding are decided.
 */
import { headerValue, type HeaderList } from '../http/headers.ts';
import { KONG_VERSION } from '../version.ts';

/** What becomes of a request header. */
const PASS = 0;
/** Ends at this hop, or is written anew by us or by the client library. */
const DROP = 1;
/** First line kept and extended; the rest dropped. */
const FORWARDED_FOR = 2;
const VIA = 3;
/** Kept from a trusted peer, else written anew. */
const FORWARDED = 4;
/** Replaced by ours, or passed when we send none. */
const REQUEST_ID = 5;

type Treatment =
  | typeof PASS
  | typeof DROP
  | typeof FORWARDED_FOR
  | typeof VIA
  | typeof FORWARDED
  | typeof REQUEST_ID;

const TREATMENTS: ReadonlyMap<string, Treatment> = new Map([
  ['host', DROP],
  ['content-length', DROP],
  ['transfer-encoding', DROP],
  ['connection', DROP],
  ['keep-alive', DROP],
  ['proxy', DROP],
  ['proxy-connection', DROP],
  ['upgrade', DROP],
  ['http2-settings', DROP],
  ['te', DROP],
  ['expect', DROP],
  ['x-real-ip', DROP],
  ['x-forwarded-for', FORWARDED_FOR],
  ['via', VIA],
  ['x-forwarded-proto', FORWARDED],
  ['x-forwarded-host', FORWARDED],
  ['x-forwarded-port', FORWARDED],
  ['x-forwarded-path', FORWARDED],
  ['x-forwarded-prefix', FORWARDED],
  ['x-kong-request-id', REQUEST_ID],
]);

/**
 * Treatments by name as received, so that a request costs one lookup a header and no lower-casing.
 * Bounded: names are the client's to choose.
 */
const seenNames = new Map<string, Treatment>();
const SEEN_NAMES_MAX = 1000;

function treatmentOf(name: string): Treatment {
  const seen = seenNames.get(name);
  if (seen !== undefined) return seen;
  const treatment = TREATMENTS.get(name.toLowerCase()) ?? PASS;
  if (seenNames.size < SEEN_NAMES_MAX) seenNames.set(name, treatment);
  return treatment;
}

/** Identity headers are the gateway's word: a client's `Connection` may not take them away. */
const NEVER_NOMINATED: ReadonlySet<string> = new Set([
  'x-consumer-id',
  'x-consumer-custom-id',
  'x-consumer-username',
  'x-credential-identifier',
  'x-anonymous-consumer',
  'x-consumer-groups',
  'x-authenticated-groups',
]);

/**
 * Names that a `Connection` value declares to end at this hop (RFC 9110 section 7.6.1), lower case.
 * `undefined` for the everyday values, which name nothing that is not dropped anyway.
 */
export function nominatedNames(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined) return undefined;
  const value = connection.toLowerCase();
  if (value === 'keep-alive' || value === 'close' || value === 'upgrade') return undefined;
  const names = value.split(',').map((name) => name.trim());
  return new Set(names.filter((name) => name !== '' && !NEVER_NOMINATED.has(name)));
}

/** Where `buildUpstreamHead` leaves room for the Host. */
export const HOST_VALUE = 1;

/** What the gateway knows of the request that the upstream is told. */
export interface ForwardingFacts {
  readonly connectingAddress: string;
  readonly clientAddress: string;
  /** True when the connecting address is one of `trusted_ips`. */
  readonly trusted: boolean;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** The listener's port, already mapped by `port_maps`. */
  readonly publicPort: number;
  /** Request target without its query, as received. */
  readonly rawPath: string;
  /** The stripped part of the path, or `undefined` when nothing (or just `/`) was stripped. */
  readonly prefix: string | undefined;
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** Sent as X-Kong-Request-Id in place of the client's; `undefined` when that is switched off. */
  readonly requestId: string | undefined;
}

const VIA_TOKEN = {
  '1.0': `1.0 kong/${KONG_VERSION}`,
  '1.1': `1.1 kong/${KONG_VERSION}`,
  '2': `2 kong/${KONG_VERSION}`,
} as const;

/** Host without its port, lower case (`X-Forwarded-Host`, redirects). */
export function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  return (end <= 0 ? host : host.slice(0, end)).toLowerCase();
}

/**
 * Builds the upstream's header list. Its first field is Host, to be filled in for every try at
 * `HOST_VALUE`; framing depends on the body and comes later. `headers` is read, never written.
 */
export function buildUpstreamHead(
  headers: Readonly<HeaderList>,
  facts: ForwardingFacts,
): HeaderList {
  const out: HeaderList = ['Host', ''];
  const nominated = nominatedNames(headerValue(headers, 'connection'));
  let forwardedFor: string | undefined;
  let via: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    switch (treatmentOf(name)) {
      case PASS:
        if (nominated?.has(name.toLowerCase())) continue;
        out.push(name, value);
        break;
      case FORWARDED_FOR:
        forwardedFor ??= value;
        break;
      case VIA:
        via = via === undefined ? value : `${via}, ${value}`;
        break;
      case REQUEST_ID:
        if (facts.requestId === undefined) out.push(name, value);
        break;
      case FORWARDED:
      case DROP:
        break;
    }
  }
  const ownVia = VIA_TOKEN[facts.httpVersion];
  out.push(
    'X-Forwarded-For',
    forwardedFor === undefined
      ? facts.clientAddress
      : `${forwardedFor}, ${facts.connectingAddress}`,
    'X-Real-IP',
    facts.clientAddress,
    'Via',
    via === undefined ? ownVia : `${via}, ${ownVia}`,
  );
  pushForwarded(out, headers, facts);
  if (facts.requestId !== undefined) out.push('X-Kong-Request-Id', facts.requestId);
  if (acceptsTrailers(headerValue(headers, 'te'))) out.push('TE', 'trailers');
  return out;
}

function pushForwarded(
  out: HeaderList,
  headers: Readonly<HeaderList>,
  facts: ForwardingFacts,
): void {
  const kept = facts.trusted ? headers : [];
  out.push(
    'X-Forwarded-Proto',
    headerValue(kept, 'x-forwarded-proto') ?? facts.scheme,
    'X-Forwarded-Host',
    headerValue(kept, 'x-forwarded-host') ?? hostName(facts.host),
    'X-Forwarded-Port',
    headerValue(kept, 'x-forwarded-port') ?? String(facts.publicPort),
    'X-Forwarded-Path',
    headerValue(kept, 'x-forwarded-path') ?? facts.rawPath,
  );
  const prefix = headerValue(kept, 'x-forwarded-prefix') ?? facts.prefix;
  if (prefix !== undefined) out.push('X-Forwarded-Prefix', prefix);
}

/** True when the client can take trailers (RFC 9110 section 10.1.4). */
export function acceptsTrailers(te: string | undefined): boolean {
  if (te === undefined) return false;
  return te.split(',').some((coding) => coding.split(';')[0]?.trim().toLowerCase() === 'trailers');
}

/**
 * The Host to send and the TLS server name to ask for (Kong): the client's
 * with preserve_host, else the Upstream's host_header, else the name connected to with its port
 * unless that is the scheme's own.
 */
export function upstreamHost(options: {
  readonly preserved: string | undefined;
  readonly hostHeader: string | undefined;
  readonly hostname: string;
  readonly port: number;
  readonly tls: boolean;
}): string {
  if (options.preserved !== undefined && options.preserved !== '') return options.preserved;
  if (options.hostHeader !== undefined) return options.hostHeader;
  const name = options.hostname.includes(':') ? `[${options.hostname}]` : options.hostname;
  return options.port === (options.tls ? 443 : 80) ? name : `${name}:${options.port}`;
}
