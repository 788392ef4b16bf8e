/** URLs as the library that Kong uses takes them apart: nearly anything is one. */

/** What is absent is `undefined`; nothing is decoded or changed. */
export interface LooseUrl {
  readonly scheme: string | undefined;
  /** Without the brackets of an IPv6 address. */
  readonly host: string | undefined;
  /** Text before the `@`, as it stands. */
  readonly userinfo: string | undefined;
  /** Any text without colons; the empty string for a colon with nothing behind it. */
  readonly port: string | undefined;
  /** Without query, fragment and parameters. */
  readonly path: string | undefined;
}

export function parseLooseUrl(url: string): LooseUrl {
  const [, scheme, afterScheme = url] = /^([A-Za-z\d][\w+.-]*):(.*)$/s.exec(url) ?? [];
  const [, authority, afterAuthority = afterScheme] = /^\/\/([^/]*)(.*)$/s.exec(afterScheme) ?? [];
  const path = afterAuthority.replace(/[#?;].*$/s, '');
  const [, userinfo] = /^([^@/]*)@/.exec(authority ?? '') ?? [];
  const hostPort = authority?.replace(/[#?].*$/s, '').replace(/^[^@]*@/, '');
  const [, host, port] = /^(.*?)(?::([^:\]]*))?$/s.exec(hostPort ?? '') ?? [];
  return {
    scheme,
    host: host?.replace(/^\[(.+)\]$/, '$1') || undefined,
    userinfo,
    port,
    path: path || undefined,
  };
}
