/** Checks of the jwt-signer plugin: header specs, URLs, and that no two tokens share a header. */
import { entityIssue, isFields, type FieldIssue, type Fields } from './field-issue.ts';
import { checkFieldName } from './text.ts';

/** A header that holds a token; `scheme` is there for `Authorization:<scheme>` only. */
export interface TokenHeader {
  /** Lower case. */
  readonly name: string;
  /** As written. */
  readonly shownName: string;
  readonly scheme: 'bearer' | 'basic' | undefined;
}

const SCHEMED = /^(authorization):(bearer|basic)$/i;

/** What a header field of the config means; `undefined` for null and the empty text. */
export function parseTokenHeader(text: string | null): TokenHeader | undefined {
  if (text === null || text === '') return undefined;
  const [, name, scheme] = SCHEMED.exec(text) ?? [];
  const shownName = name ?? text;
  return {
    name: shownName.toLowerCase(),
    shownName,
    scheme:
      scheme === undefined ? undefined : scheme.toLowerCase() === 'basic' ? 'basic' : 'bearer',
  };
}

export function checkTokenHeader(value: string): string | undefined {
  if (SCHEMED.test(value)) return undefined;
  return value.includes(':')
    ? `'${value}' is no header: use a name, 'Authorization:Bearer' or 'Authorization:Basic'`
    : checkFieldName(value);
}

export function checkHttpUrl(value: string): string | undefined {
  if (!URL.canParse(value) || !/^https?:\/\//i.test(value)) return 'expected an http or https URL';
  const url = new URL(value);
  if (url.username !== '' || url.password !== '') {
    return 'must not hold a user name or a password; use the fields that are there for them';
  }
  return undefined;
}

/** A URL, or a name. */
export const checkKeyset = (value: string): string | undefined =>
  /^https?:\/\//i.test(value) ? checkHttpUrl(value) : undefined;

/** Text that becomes part of a form body as it is. */
export function checkFormArgs(value: string): string | undefined {
  return /^[\x21-\x7e]*$/.test(value)
    ? undefined
    : 'expected url-encoded text, e.g. a=1&b=two%20words';
}

const UPSTREAM_HEADERS = [
  'access_token_upstream_header',
  'channel_token_upstream_header',
  'original_access_token_upstream_header',
  'original_channel_token_upstream_header',
];

/**
 * Two tokens in one header would be one token. Names count without case and scheme: `Authorization`
 * and `Authorization:Bearer` are one header.
 */
export function checkTokenHeaders({ config }: Fields, failed: ReadonlySet<string>): FieldIssue[] {
  if (!isFields(config) || UPSTREAM_HEADERS.some((field) => failed.has(`config.${field}`))) {
    return [];
  }
  const names = UPSTREAM_HEADERS.flatMap((field) => {
    const value = config[field];
    const header = typeof value === 'string' ? parseTokenHeader(value) : undefined;
    return header === undefined ? [] : [header.name];
  });
  if (new Set(names).size === names.length) return [];
  const list = UPSTREAM_HEADERS.map((field) => `'config.${field}'`).join(', ');
  return [entityIssue('SB1205', `values of these fields must be distinct: ${list}`)];
}
