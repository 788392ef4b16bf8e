/** The checks of `x-kong-check` that a regular expression can say, never stricter than their code. */

export interface TextPattern {
  /** ECMAScript with the flag `u`, as JSON Schema validators compile it. */
  readonly pattern: string;
  /** What editors show instead of the pattern. */
  readonly message: string;
}

/** A text with `${NAME}` in it is checked once that is replaced. */
export const REFERENCE_INSIDE = String.raw`\$\{`;

const ADDRESS = String.raw`^[\w.:\[\]-]+$`;
const PATH_CHARACTER = String.raw`(?:%[0-9A-Fa-f]{2}|[\w\-.~:@!$&'()*+,;=])`;
const WORD = String.raw`^[\w-]+$`;

const PATTERNS: Readonly<Record<string, readonly [pattern: string, message: string]>> = {
  name: [String.raw`^(?:[\w.~-]|[^\x00-\x7F])+$`, 'A name holds letters, digits and . _ ~ - only.'],
  tag: [String.raw`^[^\x00-\x1F,/\x7F]+$`, 'A tag holds no comma, slash or control character.'],
  uuid: [
    '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$',
    'Write a UUID, for example 2aeb71a5-6b1f-4c1e-9b0a-3c4f6f3ea4d1.',
  ],
  host: [
    String.raw`^(?:[\w.-]+|\[?[0-9A-Fa-f:.]+\]?)$`,
    'Write a host name or an address without scheme, port and path.',
  ],
  'host-with-port': [ADDRESS, 'Write a host name or an address; a port may follow.'],
  'wildcard-host': [
    String.raw`^(?:\*?[\w.-]+|[\w.-]+\*|\*)$`,
    'Write a server name; one * may be its first or last character.',
  ],
  'route-host': [
    String.raw`^(?:(?:\*\.)?[\w.:\[\]-]+|[\w.-]+\.\*(?::\d+)?)$`,
    'Write a host without scheme and path; one * may be its first or last label.',
  ],
  'upstream-name': [String.raw`^[\w.-]+$`, 'Write a host name without a port.'],
  target: [ADDRESS, 'Write a host or an address; a port may follow.'],
  'ip-or-cidr': [
    String.raw`^[0-9A-Fa-f:.]+(?:/\d{1,3})?$`,
    'Write an address or a block such as 10.0.0.0/8.',
  ],
  path: [
    `^/(?:${PATH_CHARACTER}+/)*${PATH_CHARACTER}*$`,
    'A path begins with a slash and has no empty segments.',
  ],
  'route-path': [
    '^~?/',
    'A path begins with a slash; a regular expression begins with a tilde (~/orders/[0-9]+$).',
  ],
  method: ['^[A-Z]+$', 'A method is written in capitals.'],
  'header-name': [WORD, 'A header name holds letters, digits, _ and - only.'],
  'cookie-name': [WORD, 'A cookie name holds letters, digits, _ and - only.'],
  'field-name': [
    String.raw`^[!#$%&'*+.^${'`'}|~\w-]+$`,
    'A header name holds no spaces, colons or other separators.',
  ],
  'field-value': [
    String.raw`^[^\x00-\x08\x0A-\x1F\x7F-\x9F]*$`,
    'A header cannot hold line breaks and other control characters.',
  ],
  'vault-prefix': [
    String.raw`^[a-z][a-z\d-]*[a-z\d]$`,
    'A prefix holds lower-case letters, digits and dashes, and begins with a letter.',
  ],
  'vault-name': ['^env$', 'The only kind of vault is env.'],
  'env-prefix': [
    String.raw`^[A-Za-z_-][\w-]*$`,
    'A prefix holds letters, digits, _ and - and begins with no digit.',
  ],
  certificate: ['-----BEGIN CERTIFICATE-----', 'Write a PEM certificate.'],
  'private-key': ['-----BEGIN [A-Z ]*PRIVATE KEY-----', 'Write a PEM private key.'],
  'public-key': ['-----BEGIN [A-Z ]*KEY-----', 'Write a PEM public key.'],
  'public-key-pem': ['-----BEGIN [A-Z ]*KEY-----', 'Write a PEM public key.'],
  jwk: [String.raw`^\s*\{`, 'Write the JSON text of a JWK.'],
};

/** The pattern of a check; `undefined` for one that only code can say. */
export function textPattern(check: string): TextPattern | undefined {
  const [pattern, message] = Object.hasOwn(PATTERNS, check) ? (PATTERNS[check] ?? []) : [];
  return pattern === undefined || message === undefined ? undefined : { pattern, message };
}

/** The checks of a map's keys. */
const KEY_PATTERNS: Readonly<Record<string, string>> = {
  'header-names': WORD,
  'route-headers': String.raw`^(?![Hh][Oo][Ss][Tt]$)[\w-]+$`,
};

/** The pattern of the keys of a map with that check. */
export const keyPattern = (check: string): string | undefined =>
  Object.hasOwn(KEY_PATTERNS, check) ? KEY_PATTERNS[check] : undefined;
