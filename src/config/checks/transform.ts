/** Checks of the entries of the transforming plugins. Each gives Kong's message, or `undefined` for a good value. */
import { splitNameValue } from '../../http/name-value.ts';
import { checkFieldName, checkFieldValue, checkHeaderName } from './text.ts';

const PAIR = /^[^:]+:/;

const notPair = (entry: string): string | undefined =>
  PAIR.test(entry) ? undefined : `invalid value: ${entry}`;

const notHeader = (name: string | undefined): string | undefined =>
  name !== undefined && checkHeaderName(name) === undefined
    ? undefined
    : `'${name ?? 'nil'}' is not a valid header`;

/** `name`; what follows a colon is not looked at. */
export const checkHeaderEntry = (entry: string): string | undefined =>
  notHeader(splitNameValue(entry)?.name);

/** `name:value` of a header. */
export function checkHeaderAndValue(entry: string): string | undefined {
  const pair = splitNameValue(entry);
  return notPair(entry) ?? notHeader(pair?.name) ?? checkFieldValue(pair?.value ?? '');
}

/** `old:new`, both of them names of headers. */
export function checkHeaderPair(entry: string): string | undefined {
  const pair = splitNameValue(entry);
  return notPair(entry) ?? notHeader(pair?.name) ?? notHeader(pair?.value || undefined);
}

/** `name:value` with a value. */
export function checkNameAndValue(entry: string): string | undefined {
  const pair = splitNameValue(entry);
  if (pair === undefined) return `invalid value: ${entry}`;
  return pair.value === '' ? `key '${pair.name}' has no value` : undefined;
}

/** `name:value`, with a value or without. */
export const checkPair = notPair;

/** `name` of a header of an answer: Kong takes any text here. */
export const checkResponseHeaderEntry = (entry: string): string | undefined =>
  checkFieldName(splitNameValue(entry)?.name ?? entry);

/** `name:value` of a header of an answer. */
export function checkResponseHeader(entry: string): string | undefined {
  const pair = splitNameValue(entry);
  return (
    notPair(entry) ?? checkFieldName(pair?.name ?? entry) ?? checkFieldValue(pair?.value ?? '')
  );
}
