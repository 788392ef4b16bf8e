/** Claims of verified tokens as headers for the upstream. What a client sends under these names is dropped. */
import type { JwtConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import type { HeaderList } from '../../http/headers.ts';
import type { Immutable, RequestContext } from '../../plugin.ts';
import { claimAt, type ClaimPath } from '../../tokens/claims.ts';
import { memberOf } from '../../http/json.ts';

export interface ClaimHeaders {
  /** For every request, with a token or without. */
  strip(ctx: RequestContext): void;
  set(ctx: RequestContext, claims: unknown): void;
}

/** A longer value helps nobody, and servers refuse heads that are too long. */
const VALUE_BYTES_MAX = 4096;
/** Control characters but the tab are no part of a field value (RFC 9110 section 5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

interface Entry {
  readonly header: string;
  readonly claim: string;
  readonly path: ClaimPath;
}

/** `undefined` when the entry sets none. */
export function compileClaimHeaders(config: Immutable<JwtConfig>): ClaimHeaders | undefined {
  const entries = Object.entries(config.claims_to_headers ?? {}).map(([header, claim]): Entry => ({
    header,
    claim,
    path: claim.split('.'),
  }));
  if (entries.length === 0) return undefined;
  const names = new Set(entries.map(({ header }) => plain(header)));
  return {
    strip: ({ headers }) => removeAll(headers, names),
    set({ headers }, claims) {
      for (const { header, claim, path } of entries) {
        // Names like `https://example.com/roles` have dots of their own.
        const value = textOf(memberOf(claims, claim) ?? claimAt(claims, path));
        if (value !== undefined) headers.push(header, value);
      }
    },
  };
}

/** Servers that make variables of headers take `X_User` for `X-User`. */
const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-');

function removeAll(headers: HeaderList, names: ReadonlySet<string>): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (names.has(plain(headers[i] ?? ''))) headers.splice(i, 2);
  }
}

/** Lists of plain values by commas, objects as JSON; `undefined` for what no header can carry. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const isPlainList = Array.isArray(value) && value.every((one) => typeof one !== 'object');
  const text = isPlainList ? value.map(String).join(',') : scalarOf(value);
  const bytes = bytesOfText(text);
  return FIELD_VALUE.test(bytes) && bytes.length <= VALUE_BYTES_MAX ? bytes : undefined;
}

const scalarOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
