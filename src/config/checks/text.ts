/** Checks of names and words. Each gives Kong's message, or `undefined` for a good value. */

const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/** The name of an entity: letters, digits, `.-_~` and whatever is not ASCII. */
export function checkName(value: string): string | undefined {
  const lone = value.search(LONE_SURROGATE);
  if (lone !== -1) return `invalid utf-8 character sequence detected at position ${lone + 1}`;
  return /^[\w.~\u{80}-\u{10FFFF}-]*$/u.test(value)
    ? undefined
    : `invalid value '${value}': the only accepted ascii characters are alphanumerics or ., -, _, and ~`;
}

/** A tag: printable ASCII without comma and slash, and whatever is not ASCII. */
export function checkTag(value: string): string | undefined {
  return /^[ -+\-.0-~\u{80}-\u{D7FF}\u{E000}-\u{10FFFF}]*$/u.test(value)
    ? undefined
    : `invalid tag '${value}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`;
}

export function checkUuid(value: string): string | undefined {
  return isUuid(value) ? undefined : 'expected a valid UUID';
}

/** 8-4-4-4-12 hex digits of any version (recorded: upper case is taken as well). */
export function isUuid(value: string): boolean {
  return /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(value);
}

const TOKEN_HINT = "allowed characters are A-Z, a-z, 0-9, '_', and '-'";

export function checkHeaderName(value: string): string | undefined {
  return /^[\w-]+$/.test(value) ? undefined : `bad header name '${value}', ${TOKEN_HINT}`;
}

/** What RFC 9110 takes for a name; looser than Kong's own rule, for fields where Kong has none. */
export function checkFieldName(value: string): string | undefined {
  return /^[!#$%&'*+.^`|~\w-]+$/.test(value)
    ? undefined
    : `'${value}' is no header name (RFC 9110 section 5.1)`;
}

/** A text that becomes the value of a header, or part of it: as UTF-8, so any letter will do. */
export function checkFieldValue(value: string): string | undefined {
  return /^[\t\P{Cc}]*$/u.test(value)
    ? undefined
    : 'a header cannot hold line breaks and other control characters';
}

export function checkCookieName(value: string): string | undefined {
  return /^[\w-]+$/.test(value) ? undefined : `bad cookie name '${value}', ${TOKEN_HINT}`;
}

/** A request method; Kong wants upper-case letters only. */
export function checkMethod(value: string): string | undefined {
  return /^[A-Z]+$/.test(value) ? undefined : `invalid value: ${value}`;
}

/** The keys of a map of headers. */
export function checkHeaderNames(value: object): string | undefined {
  for (const name of Object.keys(value)) {
    const problem = checkHeaderName(name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** As above; `Host` is matched by `hosts`. */
export function checkRouteHeaders(value: object): string | undefined {
  const problem = checkHeaderNames(value);
  if (problem !== undefined) return problem;
  return Object.keys(value).some((name) => name.toLowerCase() === 'host')
    ? "cannot contain 'host' header, which must be specified in the 'hosts' attribute"
    : undefined;
}

/** Kinds of vault of this build. */
const VAULT_NAMES: readonly string[] = ['env'];

/** The word that references name a vault by; the kinds themselves are taken. */
export function checkVaultPrefix(value: string): string | undefined {
  if (VAULT_NAMES.includes(value)) return `must not be one of: ${VAULT_NAMES.join(', ')}`;
  return /^[a-z][a-z\d-]*[a-z\d]$/.test(value) ? undefined : `invalid value: ${value}`;
}

export function checkVaultName(value: string): string | undefined {
  return VAULT_NAMES.includes(value) ? undefined : `vault '${value}' is not installed`;
}

export function checkEnvPrefix(value: string): string | undefined {
  return /^[A-Za-z_-][\w-]*$/.test(value) ? undefined : `invalid value: ${value}`;
}

/** Families of protocols that one route cannot mix. */
const PROTOCOL_FAMILIES: readonly (readonly string[])[] = [
  ['http', 'https'],
  ['tcp', 'tls', 'udp'],
  ['tls_passthrough'],
  ['grpc', 'grpcs'],
];

/** The protocols of a route. An empty list is reported in Lua's words, as recorded. */
export function checkProtocolFamily(value: readonly unknown[]): string | undefined {
  const familyOf = (protocol: unknown) =>
    PROTOCOL_FAMILIES.find((family) => family.some((member) => member === protocol));
  const [first] = value;
  if (first !== undefined && typeof first !== 'string') return undefined;
  const [family, ...others] = value.map(familyOf).filter((found) => found !== undefined);
  if (family === undefined) return `unknown type: ${first ?? 'nil'}`;
  const other = others.find((found) => found !== family);
  if (other === undefined) return undefined;
  const both = PROTOCOL_FAMILIES.filter((each) => each === family || each === other);
  const shown = both.map((each) => `(${each.map((name) => `'${name}'`).join(', ')})`);
  return `these sets are mutually exclusive: ${shown.join(', ')}`;
}
