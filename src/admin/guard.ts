/** Who may talk to the Admin API at all: the operator's own machine by name, and holders of the token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Listener } from '../settings/types.ts';
import { message, type AdminResponse } from './response.ts';
import type { ServerRequest } from './types.ts';

/** An answer that ends the request, or `undefined` to let it pass. */
export type Guard = (req: ServerRequest) => AdminResponse | undefined;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

const FOREIGN_HOST = message(
  403,
  'this listener only answers requests for its own host name: add the name to admin_listen',
);
const FOREIGN_ORIGIN = message(403, 'this listener only answers pages from its own host');
const NO_TOKEN = message(401, 'Kong-Admin-Token is missing or wrong');

/** `a.test:8001` and `[::1]:8001` without the port, lower case. */
function hostnameOf(authority: string): string {
  return authority.replace(/:\d*$/, '').toLowerCase();
}

/** The host of an `Origin` value; `null` and what is no origin have none. */
function originHost(origin: string): string {
  const match = /^https?:\/\/(?<authority>[^/?#@]+)$/i.exec(origin);
  return hostnameOf(match?.groups?.['authority'] ?? '');
}

const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * Keeps web pages away from a listener that trusts everything on its machine: a page may have its
 * own name resolve to 127.0.0.1 (DNS rebinding; then Host is foreign) or send requests across
 * origins (then Origin is). Listeners on other addresses are protected by the token.
 */
export function guardAgainstPages(listeners: readonly Listener[]): Guard {
  const loopbackPorts = new Set(
    listeners.filter(({ host }) => isLoopback(host)).map(({ port }) => port),
  );
  const names = new Set(listeners.map(({ host }) => hostnameOf(host)));
  const isOwn = (host: string): boolean => isLoopback(host) || names.has(host);
  const isGuarded = (port: number | undefined): boolean =>
    loopbackPorts.has(0) || (port !== undefined && loopbackPorts.has(port));
  return (req) => {
    if (!isGuarded(req.socket.localPort)) return undefined;
    const { host, ':authority': authority, origin } = req.headers;
    // HTTP/2 has the host in a pseudo-header, and may carry both.
    const named = [host, authority].flat().filter((name) => name !== undefined && name !== '');
    if (!named.every((name) => isOwn(hostnameOf(name ?? '')))) return FOREIGN_HOST;
    if (origin !== undefined && !isOwn(originHost(origin))) return FOREIGN_ORIGIN;
    return undefined;
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Asks for the token when one is set. Digests are compared, so that time tells nothing. */
export function guardByToken(token: string | undefined): Guard {
  if (token === undefined) return () => undefined;
  const expected = digest(token);
  return (req) => {
    const given = req.headers['kong-admin-token'];
    const right = typeof given === 'string' && timingSafeEqual(digest(given), expected);
    return right ? undefined : NO_TOKEN;
  };
}
