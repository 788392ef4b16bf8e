/** Where a request may carry its API key, and how the key is taken out of it. */
import type { KeyAuthConfig } from '../../config/schema-types.ts';
import { textOfBytes } from '../../http/bytes.ts';
import { headerValues, removeHeader } from '../../http/headers.ts';
import { withoutQueryArgument } from '../../http/query.ts';
import { headerNamesFor } from '../../http/underscores.ts';
import type { Immutable, RequestContext } from '../../plugin.ts';
import type { BodyFields } from './body-key.ts';

/** A key, and the name it was found under; the empty string is a key as well. */
export type FoundKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'several' }
  | { readonly kind: 'key'; readonly key: string; readonly name: KeyName };

/** A configured name and the header names it stands for. */
export interface KeyName {
  readonly name: string;
  readonly headerNames: readonly string[];
}

const NONE: FoundKey = { kind: 'none' };
const SEVERAL: FoundKey = { kind: 'several' };

export const compileKeyNames = (config: Immutable<KeyAuthConfig>): readonly KeyName[] =>
  config.key_names.map((name) => ({ name, headerNames: headerNamesFor(name) }));

/** The first name with a text decides, even when the text is empty or nobody's key. */
export function findKey(
  ctx: RequestContext,
  names: readonly KeyName[],
  config: Immutable<KeyAuthConfig>,
  fields: BodyFields | undefined,
): FoundKey {
  for (const name of names) {
    const value =
      (config.key_in_header ? headerKey(ctx, name) : undefined) ??
      (config.key_in_query && ctx.rawQuery !== '' ? ctx.query().get(name.name) : undefined) ??
      fields?.valueOf(name.name);
    if (typeof value === 'string') return { kind: 'key', key: value, name };
    // An argument without a value and a JSON null or number are no keys and go unnoticed.
    if (typeof value === 'object' && value !== null) return SEVERAL;
  }
  return NONE;
}

/** The header's value, or all of them when it is repeated. */
function headerKey(ctx: RequestContext, { headerNames }: KeyName): string | string[] | undefined {
  for (const headerName of headerNames) {
    const values = headerValues(ctx.headers, headerName);
    if (values.length > 1) return values;
    if (values[0] !== undefined) return textOfBytes(values[0]);
  }
  return undefined;
}

/** Takes the name out of every place, so that the upstream never learns the key. */
export function hideKey(
  ctx: RequestContext,
  { name, headerNames }: KeyName,
  fields: BodyFields | undefined,
): void {
  for (const headerName of headerNames) removeHeader(ctx.headers, headerName);
  if (ctx.rawQuery !== '') ctx.rawQuery = withoutQueryArgument(ctx.rawQuery, name);
  const body = fields?.without(name);
  if (body !== undefined) ctx.setBody(body);
}
