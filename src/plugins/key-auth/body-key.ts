/** Keys in request bodies: forms, multipart forms and JSON objects. */
import { parseForm, withoutFormField } from '../../http/form.ts';
import { isObject, memberOf, parseJson } from '../../http/json.ts';
import { multipartBoundary, parseMultipart, partText, withoutPart } from '../../http/multipart.ts';

/** A body that can hold keys. */
export interface BodyFields {
  /** A string, all of them when the name is repeated, or anything else that is no key. */
  valueOf(name: string): unknown;
  /** The body without that name; `undefined` when it does not hold it. */
  without(name: string): Buffer | undefined;
}

/** True for the types that `readBodyFields` understands. */
export const mayHoldFields = (contentType: string): boolean => kindOf(contentType) !== undefined;

/** `undefined` for a body that cannot be read: it counts as none. Never throws. */
export function readBodyFields(contentType: string, body: Buffer): BodyFields | undefined {
  switch (kindOf(contentType)) {
    case 'form':
      return formFields(body);
    case 'multipart':
      return multipartFields(body, multipartBoundary(contentType));
    case 'json':
      return jsonFields(body);
    case undefined:
      return undefined;
  }
}

function kindOf(contentType: string): 'form' | 'multipart' | 'json' | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'multipart/form-data') return 'multipart';
  return type === 'application/json' ? 'json' : undefined;
}

function formFields(body: Buffer): BodyFields {
  const fields = parseForm(body);
  return {
    valueOf: (name) => fields.get(name),
    without: (name) => withoutFormField(body, name),
  };
}

function multipartFields(body: Buffer, boundary: string | undefined): BodyFields | undefined {
  if (boundary === undefined) return undefined;
  const parts = parseMultipart(body, boundary);
  return {
    valueOf(name) {
      const texts = parts.filter((part) => part.name === name).map((part) => partText(body, part));
      return texts.length > 1 ? texts : texts[0];
    },
    without: (name) => withoutPart(body, boundary, name),
  };
}

function jsonFields(body: Buffer): BodyFields | undefined {
  const value = parseJson(body)?.value;
  if (!isObject(value)) return undefined;
  return {
    valueOf: (name) => memberOf(value, name),
    without(name) {
      if (!Object.hasOwn(value, name)) return undefined;
      const kept = Object.entries(value).filter(([member]) => member !== name);
      return Buffer.from(JSON.stringify(Object.fromEntries(kept)));
    },
  };
}
