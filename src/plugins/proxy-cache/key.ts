/** What an answer is kept under: Kong's key, and what tells requests apart that share one. */
import { createHash } from 'node:crypto';
import type { ProxyCacheConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { headerValues } from '../../http/headers.ts';
import { decodeArgument, segmentsOf } from '../../http/query.ts';
import { headerNamesFor } from '../../http/underscores.ts';
import type { Immutable, RequestContext } from '../../plugin.ts';

export interface AnswerKey {
  /** Kong's: SHA-256 in lower-case hex. */
  readonly key: string;
  /**
   * Kong joins parts that clients choose with characters that may be in them, so that `?a=1%3Ab=2` and
   * `?a=1&b=2` have one key. Where that could be, this is a digest of the parts; else it is empty.
   */
  readonly identity: string;
}

/** One part of the key: as Kong writes it, and whether no other request makes the same text. */
interface Part {
  readonly text: string;
  readonly values: unknown;
  readonly isExact: boolean;
}

type KeyFields = Immutable<
  Pick<ProxyCacheConfig, 'ignore_uri_case' | 'vary_headers' | 'vary_query_params'>
>;

const digest = (bytes: string): string =>
  createHash('sha256').update(bytes, 'latin1').digest('hex');

/** Texts are byte strings throughout: one character per byte. */
export function compileKey(config: KeyFields): (ctx: RequestContext) => AnswerKey {
  const names = (config.vary_query_params ?? []).map(bytesOfText);
  const headers = (config.vary_headers ?? []).map((field) => ({
    field: bytesOfText(field),
    names: headerNamesFor(field),
  }));
  return (ctx) => {
    const owner = ownerOf(ctx);
    const line = requestLine(ctx, config.ignore_uri_case);
    const query = queryPart(ctx.rawQuery, names);
    const header = headerPart(ctx, headers);
    const method = ctx.upstreamMethod;
    const key = digest(`${owner}|${method}|${line}|${query.text}|${header.text}`);
    if (query.isExact && header.isExact && !line.includes('|')) return { key, identity: '' };
    const parts = JSON.stringify([owner, method, line, query.values, header.values]);
    return { key, identity: digest(parts) };
  };
}

/** Each consumer has answers of its own. */
function ownerOf({ consumer, route }: RequestContext): string {
  if (route === undefined) return 'default';
  return consumer === undefined ? route.id : `${consumer.id}:${route.id}`;
}

const HTTP_VERSIONS = { '1.0': 'HTTP/1.0', '1.1': 'HTTP/1.1', '2': 'HTTP/2.0' } as const;

/** As Kong cuts it: what follows the first `?` is off, so that only without one the version stays. */
function requestLine({ method, target, httpVersion }: RequestContext, ignoreCase: boolean): string {
  const mark = target.indexOf('?');
  const line =
    mark === -1
      ? `${method} ${target} ${HTTP_VERSIONS[httpVersion]}`
      : `${method} ${target.slice(0, mark)}`;
  return ignoreCase ? line.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : line;
}

type Argument = string | true;

/** Values by name, both decoded. Unlike Kong's all arguments count, however many there are. */
function argumentsOf(rawQuery: string): Map<string, Argument[]> {
  const args = new Map<string, Argument[]>();
  for (const segment of segmentsOf(rawQuery.slice(1))) {
    if (segment === '') continue;
    const equals = segment.indexOf('=');
    const name = decodeArgument(equals === -1 ? segment : segment.slice(0, equals));
    const value = equals === -1 || decodeArgument(segment.slice(equals + 1));
    const known = args.get(name);
    if (known === undefined) args.set(name, [value]);
    else known.push(value);
  }
  return args;
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function queryPart(rawQuery: string, wanted: readonly string[]): Part {
  const args = argumentsOf(rawQuery);
  const names = wanted.length > 0 ? wanted : [...args.keys()].toSorted(byBytes);
  const values = names.flatMap((name) => {
    const list = args.get(name);
    return list === undefined ? [] : [{ name, list }];
  });
  return {
    // Kong sees no argument without a name.
    text: values
      .filter(({ name }) => name !== '')
      .map(({ name, list }) => argumentText(name, list))
      .join(':'),
    values,
    isExact: values.every(({ name, list }) => isExact(name, list)),
  };
}

function argumentText(name: string, list: readonly Argument[]): string {
  if (list.length === 1 && list[0] === true) return name;
  const texts = list.map((value) => (value === true ? '' : value));
  return `${name}=${texts.toSorted(byBytes).join(',')}`;
}

const isExact = (name: string, list: readonly Argument[]): boolean =>
  name !== '' &&
  !/[=:,|]/.test(name) &&
  list.every((value) => (value === true ? list.length === 1 : !/[:,|]/.test(value)));

interface VaryHeader {
  /** As it is written in the config. */
  readonly field: string;
  readonly names: readonly string[];
}

function headerPart({ headers }: RequestContext, wanted: readonly VaryHeader[]): Part {
  const values = wanted.flatMap(({ field, names }) => {
    const list = names.map((name) => headerValues(headers, name)).find(({ length }) => length > 0);
    return list === undefined ? [] : [{ field, list }];
  });
  return {
    text: values.map(({ field, list }) => `${field}=${list.toSorted(byBytes).join(',')}`).join(':'),
    values,
    isExact: values.every(({ list }) =>
      wanted.length === 1 && list.length === 1 ? true : list.every((value) => !/[:,]/.test(value)),
    ),
  };
}
