/** Multipart bodies as name and value pairs; a file's content is its value. */
import { parseJson } from '../http/json.ts';
import {
  multipartBoundary,
  parseMultipart,
  partText,
  type MultipartPart,
} from '../http/multipart.ts';
import type { FormPairs, FormValue } from './form.ts';

const JSON_PART = 'application/json';

function valueOf(body: Buffer, part: MultipartPart): FormValue {
  const text = partText(body, part);
  if (part.contentType?.toLowerCase().startsWith(JSON_PART) !== true) return text;
  const parsed = parseJson(body.subarray(part.contentStart, part.contentEnd));
  return parsed === undefined ? text : { json: parsed.value };
}

/** The named parts in order; none when the type does not say where they end. */
export function multipartPairs(body: Buffer, contentType: string): FormPairs {
  const boundary = multipartBoundary(contentType);
  if (boundary === undefined) return [];
  return parseMultipart(body, boundary).map((part) => [part.name, valueOf(body, part)]);
}
