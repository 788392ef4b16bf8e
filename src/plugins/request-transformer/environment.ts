/** What templates may look at: the request as it came. */
import { textOfBytes } from '../../http/bytes.ts';
import { headerValues, type HeaderList } from '../../http/headers.ts';
import type { QueryArgs } from '../../http/query.ts';
import { headerNamesFor } from '../../http/underscores.ts';
import type { RequestContext, UriCaptures } from '../../plugin.ts';
import { listTable, valueOf, type Table, type Value } from './values.ts';

/** The names that stand for tables. */
export const TABLE_NAMES = ['headers', 'query_params', 'uri_captures', 'shared'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

export type Environment = Readonly<Record<TableName, Table>>;

/** A picture of the request; what is changed afterwards does not show in it. */
export function environmentOf(ctx: RequestContext): Environment {
  return {
    headers: headerTable([...ctx.headers]),
    query_params: queryTable(ctx.query()),
    uri_captures: captureTable(ctx.captures),
    shared: { get: (key) => valueOf(ctx.shared.get(String(key))) },
  };
}

/** Names in any case, with underscores for dashes; a field that is repeated is a list. */
function headerTable(headers: HeaderList): Table {
  return {
    get(key) {
      if (typeof key !== 'string') return undefined;
      for (const name of headerNamesFor(key)) {
        const values = headerValues(headers, name).map(textOfBytes);
        if (values.length > 0) return values.length === 1 ? values[0] : listTable(values);
      }
      return undefined;
    },
  };
}

/** An argument without a value is `true`; one that is repeated is a list. */
function queryTable(args: QueryArgs): Table {
  return {
    get(key): Value {
      const value = args.get(String(key));
      return value === undefined || typeof value !== 'object' ? value : listTable(value);
    },
  };
}

/** By name, or by number; 0 is what the whole pattern matched. */
const captureTable = (captures: UriCaptures | undefined): Table => ({
  get: (key) => (typeof key === 'number' ? captures?.positional[key] : captures?.named.get(key)),
});
