/** The entity that a request body describes, whatever form it came in. */
import type { PluginSchemas } from '../config/schemas.ts';
import type { EntityKind } from '../config/types.ts';
import { isObject, parseJson } from '../http/json.ts';
import { formToEntity, type FormPairs } from './form.ts';
import { multipartPairs } from './multipart-pairs.ts';
import { ARGUMENTS_MAX, parseArguments, type AdminRequest } from './request.ts';
import { message, type AdminResponse } from './response.ts';

export const CANNOT_PARSE: AdminResponse = message(400, 'Cannot parse JSON body');
export const TOO_MANY_ARGUMENTS: AdminResponse = message(400, 'Too many arguments');

type Values = Readonly<Record<string, unknown>>;
type Body = { readonly values: Values } | { readonly refusal: AdminResponse };

/** The fields of a form or of a multipart body; `undefined` when the body is neither. */
export function formPairs(request: AdminRequest): FormPairs | undefined {
  switch (request.mediaType) {
    case 'application/x-www-form-urlencoded':
      return parseArguments(request.body.toString('latin1'));
    case 'multipart/form-data':
      return multipartPairs(request.body, request.contentType);
    default:
      return undefined;
  }
}

/** An empty list is an empty table to Kong, and so an entity without fields. */
function jsonValues(request: AdminRequest): Body {
  const value = parseJson(request.body)?.value;
  if (Array.isArray(value)) return { values: Object.fromEntries(Object.entries(value)) };
  return isObject(value) ? { values: value } : { refusal: CANNOT_PARSE };
}

export interface EntityBodyOptions {
  readonly plugins: PluginSchemas;
  /** The plugin that a PATCH is about. */
  readonly pluginName?: unknown;
}

/** Reads the body of a write. */
export function entityValues(
  request: AdminRequest,
  kind: EntityKind,
  { plugins, pluginName }: EntityBodyOptions,
): Body {
  if (request.mediaType === 'application/json') return jsonValues(request);
  const pairs = formPairs(request) ?? [];
  if (pairs.length > ARGUMENTS_MAX) return { refusal: TOO_MANY_ARGUMENTS };
  const values = formToEntity(kind, pairs, {
    plugins,
    pluginName: typeof pluginName === 'string' ? pluginName : undefined,
  });
  return { values };
}
