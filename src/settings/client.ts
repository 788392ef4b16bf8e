/** Settings of the side that clients see. */
import { parseHeaderTokens } from './header-tokens.ts';
import type { Reader } from './reader.ts';
import type { Settings } from './types.ts';
import * as values from './values.ts';

type HttpSettings = Pick<
  Settings,
  | 'headers'
  | 'trustedIps'
  | 'realIpHeader'
  | 'realIpRecursive'
  | 'errorDefaultType'
  | 'allowDebugHeader'
>;

/** What requests and answers look like. */
export function readHttp(reader: Reader): HttpSettings {
  const trustedIps = reader.list('trusted_ips');
  for (const entry of trustedIps) {
    if (values.isTrustedIp(entry)) continue;
    reader.problem(
      `trusted_ips must be a comma separated list in the form of IPv4 or IPv6 address or CIDR block or 'unix:', got '${entry}'`,
    );
  }
  const realIpHeader = (reader.text('real_ip_header') ?? 'X-Real-IP').toLowerCase();
  if (realIpHeader === 'proxy_protocol') {
    reader.problem('real_ip_header = proxy_protocol is not supported: name a header field');
  }
  return {
    headers: parseHeaderTokens(
      reader.list('headers'),
      reader.list('headers_upstream'),
      reader.problem,
    ),
    trustedIps,
    realIpHeader,
    realIpRecursive: reader.flag('real_ip_recursive'),
    errorDefaultType: reader.choice('error_default_type', [
      'text/plain',
      'application/json',
      'application/xml',
      'text/html',
    ]),
    allowDebugHeader: reader.flag('allow_debug_header'),
  };
}

type ClientLimits = Pick<
  Settings,
  | 'clientMaxBodyBytes'
  | 'clientBodyBufferBytes'
  | 'adminMaxBodyBytes'
  | 'clientHeaderTimeoutMs'
  | 'clientBodyTimeoutMs'
  | 'clientKeepaliveTimeoutMs'
  | 'clientKeepaliveRequests'
  | 'headerLineBytesMax'
  | 'headerBytesMax'
>;

/** How much a client may send, and how slowly. */
export function readClientLimits(reader: Reader): ClientLimits {
  const buffers = reader.text('nginx_http_large_client_header_buffers') ?? '4 8k';
  const limits = values.parseHeaderBuffers(buffers);
  if (limits === undefined) {
    reader.problem(
      `nginx_http_large_client_header_buffers is not a number and a size: '${buffers}'`,
    );
  }
  return {
    clientMaxBodyBytes: reader.size('nginx_http_client_max_body_size'),
    clientBodyBufferBytes: reader.size('nginx_http_client_body_buffer_size'),
    adminMaxBodyBytes: reader.size('nginx_admin_client_max_body_size'),
    clientHeaderTimeoutMs: reader.timeMs('nginx_http_client_header_timeout'),
    clientBodyTimeoutMs: reader.timeMs('nginx_http_client_body_timeout'),
    clientKeepaliveTimeoutMs: reader.timeMs('nginx_http_keepalive_timeout'),
    clientKeepaliveRequests: reader.number('nginx_http_keepalive_requests') ?? 0,
    headerLineBytesMax: limits?.lineBytes ?? 0,
    headerBytesMax: limits?.totalBytes ?? 0,
  };
}
