/** What a route's `protocols` demand of a request that matched it (they take no part in matching). */
import type { Route } from '../config/types.ts';
import { errorResponse, type ExitResponse, type GatewayResponse } from '../http/response.ts';

/** The facts of a request that `protocols` are judged by. */
export interface ProtocolFacts {
  /** The connection's scheme, or X-Forwarded-Proto of a trusted peer. */
  readonly effectiveScheme: string;
  readonly httpVersion: '1.0' | '1.1' | '2';
  readonly contentType: string | undefined;
  /** X-Forwarded-Host of a trusted peer. */
  readonly forwardedHost: string | undefined;
  /** `host[:port]` of an absolute-form target; goes before `host`. */
  readonly authority: string | undefined;
  /** The Host header as received. */
  readonly host: string;
  /** As received, origin-form, with its query. */
  readonly target: string;
}

type RedirectStatus = Exclude<Route['https_redirect_status_code'], 426>;

/** nginx answers 301 and 302 by itself; 307 and 308 come with the charset Kong's own handler adds. */
const REDIRECTS = {
  301: { reason: '301 Moved Permanently', contentType: 'text/html' },
  302: { reason: '302 Found', contentType: 'text/html' },
  307: { reason: '307 Temporary Redirect', contentType: 'text/html; charset=UTF-8' },
  308: { reason: '308 Permanent Redirect', contentType: 'text/html; charset=UTF-8' },
} as const satisfies Record<RedirectStatus, { reason: string; contentType: string }>;

const USE_HTTPS = errorResponse(426, 'Please use HTTPS protocol', [
  'Connection',
  'Upgrade',
  'Upgrade',
  'TLS/1.2, HTTP/1.1',
]);
const NOT_GRPC = errorResponse(415, 'Non-gRPC request matched gRPC route');
const USE_HTTP2 = errorResponse(426, 'Please use HTTP2 protocol', [
  'Connection',
  'Upgrade',
  'Upgrade',
  'HTTP/2',
]);
/** A gRPC client reads its status from headers, so the HTTP status is 200. */
const PLAIN_GRPC: ExitResponse = {
  kind: 'exit',
  status: 200,
  headers: [
    'Content-Type',
    'application/grpc',
    'grpc-status',
    '1',
    'grpc-message',
    'gRPC request matched gRPCs route',
  ],
  body: undefined,
};

/** False for a route whose protocols refuse nothing: the gateway asks once, when it compiles. */
export function restrictsProtocols(route: Pick<Route, 'protocols'>): boolean {
  return !route.protocols.includes('http');
}

/**
 * The answer to a request that came in another way than its route wants, or `undefined` to go on.
 * Runs before any plugin's access phase. Order as in Kong: https first, then gRPC.
 */
export function enforceProtocols(
  route: Pick<Route, 'protocols' | 'https_redirect_status_code'>,
  facts: ProtocolFacts,
): GatewayResponse | undefined {
  const { protocols } = route;
  if (protocols.includes('http')) return undefined;
  if (protocols.includes('https')) {
    if (facts.effectiveScheme === 'https') return undefined;
    const status = route.https_redirect_status_code;
    return status === 426 ? USE_HTTPS : redirect(status, facts);
  }
  if (!(facts.contentType ?? '').startsWith('application/grpc')) return NOT_GRPC;
  if (facts.httpVersion !== '2') return USE_HTTP2;
  const needsTls = !protocols.includes('grpc');
  return needsTls && facts.effectiveScheme !== 'https' ? PLAIN_GRPC : undefined;
}

function redirect(status: RedirectStatus, facts: ProtocolFacts): ExitResponse {
  const { reason, contentType } = REDIRECTS[status];
  const host = facts.forwardedHost ?? plainHost(facts.authority ?? facts.host);
  const body = `<html>\r\n<head><title>${reason}</title></head>\r\n<body>\r\n<center><h1>${reason}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return {
    kind: 'exit',
    status,
    headers: ['Content-Type', contentType, 'Location', `https://${host}${facts.target}`],
    body,
  };
}

/** nginx' `$host`: lower case, without port. A request without any host gets the server's name. */
function plainHost(host: string): string {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return name === '' ? 'kong' : name;
}
