/** The catalogue of warnings: code → title and what to do in general. Their rules are in `lint/rules/`. */
import type { CodeEntry } from './diagnostic-codes.ts';

const warning = (title: string, help: string): CodeEntry => ({ title, severity: 'warning', help });

/** SB20. */
export const WARNINGS: Readonly<Record<string, CodeEntry>> = {
  SB2000: warning('Too many warnings', 'mend or allow the ones that are listed and check again'),
  // Credentials and keys.
  SB2001: warning('Tokens that never expire', 'set config.claims_to_verify: [exp]'),
  SB2002: warning('Tokens in the query', 'set config.uri_param_names: []'),
  SB2003: warning('API keys in the query', 'set config.key_in_query: false'),
  SB2004: warning('Short RSA key', 'use a key of 2048 bits or more'),
  SB2005: warning('Short HMAC secret', 'use a secret as long as the hash'),
  SB2006: warning('Secret in the file', "use '${NAME}' or '${file:…}'"),
  SB2007: warning('Credential without a key', "set 'rsa_public_key'"),
  SB2008: warning('Private key where a public one belongs', 'put the public half there'),
  SB2009: warning('Certificate that is not valid', 'put a valid certificate in its place'),
  SB2010: warning('Certificate that expires soon', 'renew it'),
  SB2011: warning('Credential that nobody knows', 'set the value that clients use'),
  // Routing.
  SB2020: warning('Path that looks like a regular expression', "begin the path with '~'"),
  SB2021: warning('Regular expression that can explode', 'rewrite the pattern'),
  SB2022: warning('Route that no request can reach', 'change its conditions, or remove it'),
  SB2023: warning('Routes of the same rank', 'make their conditions exclude each other'),
  SB2024: warning('Host in capitals', 'write the host in lower case'),
  SB2025: warning('Regex priority without a regular expression', 'remove it'),
  // Who may come in.
  SB2030: warning(
    'Several authentication plugins',
    'set config.anonymous in all of them or in none',
  ),
  SB2031: warning('Route that is open to everybody', 'refuse the anonymous consumer'),
  SB2032: warning('Anonymous consumer that does not exist', 'add the consumer'),
  SB2033: warning('Groups that nothing asks for', 'add an acl plugin'),
  SB2034: warning('Group that nobody is in', 'give a consumer that group, or correct it'),
  SB2035: warning('Credentials that no plugin asks for', 'add the plugin, or remove them'),
  SB2036: warning('Consumer without a credential', 'give it one, or remove it'),
  // Plugins.
  SB2040: warning('Plugin that never runs', 'change its scope, or remove it'),
  SB2041: warning(
    'Disabled entry that switches nothing off',
    'narrow the scope of the other entry',
  ),
  SB2042: warning('Protocols that do not filter', "remove 'protocols'"),
  SB2043: warning('Any website may read answers', 'list the origins that may'),
  // Upstreams and leftovers.
  SB2050: warning('Credentials over plain http', 'use https'),
  SB2051: warning('Upstream certificate that nobody checks', "set 'tls_verify: true'"),
  SB2052: warning('Upstream without targets', 'add a target'),
  SB2053: warning('Entity that nothing uses', 'remove it, or correct what should refer to it'),
  // The text.
  SB2060: warning('Value that YAML 1.1 reads differently', 'put it in quotes, or write it plainly'),
  SB2061: warning('Name that stands twice', 'remove one of the two'),
  // Comments that allow.
  SB2090: warning('Allowance that nothing needs', 'remove it'),
  SB2091: warning('Allowance of an unknown code', 'correct the code'),
};
