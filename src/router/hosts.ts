/** Host names in routes and requests: ports and wildcards. Comparison is case-sensitive, as in Kong. */

export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Takes the port off a host. Only what follows the first colon counts as one, and only when it is
 * all digits, so an IPv6 literal stays in one piece with its port: `[::1]:80` is a host of its own.
 */
export function splitHostPort(text: string): HostAndPort {
  const colon = text.indexOf(':');
  if (colon === -1) return { host: text, port: undefined };
  const digits = text.slice(colon + 1);
  if (!/^\d+$/.test(digits)) return { host: text, port: undefined };
  return { host: text.slice(0, colon), port: Number(digits) };
}

/** What a host or server name in a route stands for. `any` is a route that names none. */
export type NameRule =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact' | 'suffix' | 'prefix'; readonly text: string };

export const ANY_NAME: NameRule = { kind: 'any' };

/** `*.a.test` is every name that ends in `.a.test`, `a.*` every name that starts with `a.`. */
export function nameRule(name: string): NameRule {
  if (name.startsWith('*')) return { kind: 'suffix', text: name.slice(1) };
  if (name.endsWith('*')) return { kind: 'prefix', text: name.slice(0, -1) };
  return { kind: 'exact', text: name };
}

export function matchesName(rule: NameRule, name: string): boolean {
  switch (rule.kind) {
    case 'any':
      return true;
    case 'exact':
      return name === rule.text;
    case 'suffix':
      return name.endsWith(rule.text);
    case 'prefix':
      return name.startsWith(rule.text);
  }
}
