/** Keeps web pages away: whose name a request may use (Host), and which pages may send one (Origin). */
import type { AdminSettings, ServerRequest } from '../types.ts';
import { message, type AdminResponse } from '../response.ts';
import type { Listener } from '../../settings/types.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

const FOREIGN_HOST = message(
  403,
  'this listener only answers requests for its own host name: add the name to admin_hosts',
);
const FOREIGN_ORIGIN = message(
  403,
  'this listener only answers pages from its own host: add the name to admin_hosts',
);

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

/** Every name that the request gives its server: HTTP/2 has a pseudo-header, and may carry both. */
function namedHosts({ headers }: ServerRequest): readonly string[] {
  return [headers.host, headers[':authority']]
    .flat()
    .flatMap((name) => (name === undefined || name === '' ? [] : [hostnameOf(name)]));
}

export interface PageGuard {
  /** Before anything else is looked at. */
  readonly head: (req: ServerRequest) => AdminResponse | undefined;
  /** When nothing but the network or the browser itself has vouched for the sender. */
  readonly withoutToken: (req: ServerRequest) => AdminResponse | undefined;
}

/**
 * A page may have its own name resolve to an address of the gateway (DNS rebinding; then Host is
 * foreign) or send requests across origins (then Origin is). A listener on loopback trusts everything
 * on its machine, so both are refused there. Elsewhere a token is what no page knows; without one (an
 * unguarded listener, or client certificates, which browsers send by themselves) a page must come
 * from the host that it asks. Names in `admin_hosts` are the only ones that are answered, everywhere.
 */
export function guardAgainstPages(
  listeners: readonly Listener[],
  { adminHosts }: Pick<AdminSettings, 'adminHosts'>,
): PageGuard {
  const loopbackPorts = new Set(
    listeners.filter(({ host }) => isLoopback(host)).map(({ port }) => port),
  );
  const names = new Set([...listeners.map(({ host }) => hostnameOf(host)), ...adminHosts]);
  const isOwn = (host: string): boolean => isLoopback(host) || names.has(host);
  const isOnLoopback = (port: number | undefined): boolean =>
    loopbackPorts.has(0) || (port !== undefined && loopbackPorts.has(port));
  return {
    head(req) {
      const onLoopback = isOnLoopback(req.socket.localPort);
      if ((onLoopback || adminHosts.length > 0) && !namedHosts(req).every(isOwn)) {
        return FOREIGN_HOST;
      }
      const { origin } = req.headers;
      if (onLoopback && origin !== undefined && !isOwn(originHost(origin))) return FOREIGN_ORIGIN;
      return undefined;
    },
    withoutToken(req) {
      const { origin } = req.headers;
      if (origin === undefined) return undefined;
      const host = originHost(origin);
      return isOwn(host) || namedHosts(req).includes(host) ? undefined : FOREIGN_ORIGIN;
    },
  };
}
