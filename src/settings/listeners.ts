/** `proxy_listen` and its relatives: `off`, or addresses with flags. */
import type { Listener } from './types.ts';

const FLAGS: ReadonlySet<string> = new Set([
  'ssl',
  'http2',
  'proxy_protocol',
  'deferred',
  'bind',
  'reuseport',
]);
const FLAG_VALUE = /^(backlog=\d+|ipv6only=(on|off)|so_keepalive=(on|off|\w*:\w*:\d*))$/;
const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]+)):(\d+)$/;
const PORT_MAX = 65_535;

const USAGE =
  'must be of form: [off] | <ip>:<port> [ssl] [http2] [proxy_protocol] [deferred] [bind] [reuseport] ' +
  '[backlog=%d+] [ipv6only=on] [ipv6only=off] [so_keepalive=on] [so_keepalive=off] ' +
  '[so_keepalive=%w*:%w*:%d*], [... next entry ...]';

/**
 * Reads one property. `off` counts as the first entry only. One `http2` flag holds for all entries
 * of the property, as in nginx since 1.25. `report` gets one message per problem.
 */
export function parseListeners(
  name: string,
  text: string,
  report: (problem: string) => void,
): readonly Listener[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries[0] === 'off' || text.trim() === '') return [];
  const listeners: Listener[] = [];
  for (const entry of entries) {
    const listener = parseEntry(entry);
    if (listener === undefined) {
      report(`${name} ${USAGE}`);
      return [];
    }
    if (listener.proxyProtocol) {
      report(
        `${name}: the flag 'proxy_protocol' is not supported; remove it and use real_ip_header with trusted_ips`,
      );
    }
    listeners.push(listener);
  }
  const http2 = listeners.some((listener) => listener.http2);
  return listeners.map((listener) => ({ ...listener, http2 }));
}

function parseEntry(entry: string): Listener | undefined {
  const [address = '', ...flags] = entry.split(/\s+/);
  const [, ipv6, host, port] = ADDRESS.exec(address) ?? [];
  const name = ipv6 ?? host;
  if (name === undefined || Number(port) > PORT_MAX) return undefined;
  if (flags.some((flag) => !FLAGS.has(flag) && !FLAG_VALUE.test(flag))) return undefined;
  const backlog = flags.find((flag) => flag.startsWith('backlog='))?.slice('backlog='.length);
  return {
    host: name,
    port: Number(port),
    ssl: flags.includes('ssl'),
    http2: flags.includes('http2'),
    proxyProtocol: flags.includes('proxy_protocol'),
    backlog: backlog === undefined ? undefined : Number(backlog),
    // nginx' default; without it `[::]` would take the IPv4 port too.
    ipv6Only: ipv6 !== undefined && !flags.includes('ipv6only=off'),
  };
}

/** Nobody but this machine can connect there. */
export const isLoopback = ({ host }: Listener): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
