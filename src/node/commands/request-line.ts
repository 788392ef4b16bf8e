/** Requests as command lines describe them: method, URL, headers. */
import { isIP } from 'node:net';
import type { SimulatedRequest } from '../../simulate/client.ts';
import { parseUrl } from '../../simulate/request-url.ts';

/** `Name: value` → name and value. Throws with what to write instead. */
export function parseHeader(line: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):\s*(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new Error(`'${line.slice(0, 40)}' is no header; write 'Name: value'`);
  }
  return [name, value];
}

export interface RequestFlags {
  readonly header: readonly string[];
  /** Goes into Authorization, unless a header holds it. */
  readonly token?: string | undefined;
  readonly data?: string;
  readonly clientIp?: string;
}

/** Throws with what to write instead. `url` is a URL, or a path of `http://localhost`. */
export function parseRequest(method: string, url: string, flags: RequestFlags): SimulatedRequest {
  if (!/^[!#$%&'*+.^`|~\w-]+$/.test(method)) {
    throw new Error(`'${method.slice(0, 40)}' is no method; write e.g. GET`);
  }
  const { scheme, authority, target } = parseUrl(url);
  const { token, data, clientIp } = flags;
  if (clientIp !== undefined && isIP(clientIp) === 0) {
    throw new Error(`'${clientIp}' is no address; write e.g. --client-ip 203.0.113.7`);
  }
  const given = flags.header.flatMap(parseHeader);
  const own = (name: string): boolean =>
    given.some((text, i) => i % 2 === 0 && text.toLowerCase() === name);
  const isPlaced = token === undefined || given.some((text) => text.includes(token));
  return {
    method: method.toUpperCase(),
    target,
    scheme,
    headers: [
      ...(own('host') ? [] : ['Host', authority]),
      ...(isPlaced ? [] : ['Authorization', `Bearer ${token}`]),
      ...given,
    ],
    body: data === undefined ? undefined : Buffer.from(data),
    clientAddress: clientIp,
  };
}
