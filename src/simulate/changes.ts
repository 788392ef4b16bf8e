/** What a plugin changed: a request or an answer before and after it ran. */
import { Context } from '../gateway/context.ts';
import type { HeaderList } from '../http/headers.ts';
import type { RequestContext, ResponseHead } from '../plugin.ts';

/** One thing that is different. Texts are as they are: who shows them masks them. */
export type Change =
  | { readonly kind: 'set-header'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove-header'; readonly name: string }
  | {
      readonly kind: 'method' | 'path' | 'query' | 'host' | 'status' | 'body' | 'consumer';
      readonly value: string;
    };

export interface RequestState {
  readonly headers: readonly string[];
  readonly parts: ReadonlyMap<Change['kind'], string | undefined>;
  readonly body: Buffer;
  readonly sent: Buffer;
}

/**
 * What of a request plugins may change, as it is now.
 * @param sent the client's body
 */
export function requestState(ctx: RequestContext, sent: Buffer): RequestState {
  const { upstreamMethod, upstreamPath, upstreamHost, rawQuery, consumer } = ctx;
  return {
    headers: [...ctx.headers],
    parts: new Map<Change['kind'], string | undefined>([
      ['method', upstreamMethod],
      ['path', upstreamPath],
      ['host', upstreamHost],
      ['query', rawQuery],
      ['consumer', consumer?.username ?? consumer?.custom_id ?? consumer?.id],
    ]),
    body: bodyOf(ctx, sent),
    sent,
  };
}

/** A body that was read in is no other body: only what replaces it is. */
function bodyOf(ctx: RequestContext, sent: Buffer): Buffer {
  const body = ctx instanceof Context ? ctx.upstreamBody : undefined;
  return body?.kind === 'memory' ? body.bytes : sent;
}

export function requestChanges(before: RequestState, ctx: RequestContext): readonly Change[] {
  const after = requestState(ctx, before.sent);
  const parts = [...after.parts].flatMap(([kind, value]): Change[] => {
    if (value === before.parts.get(kind) || kind === 'set-header' || kind === 'remove-header') {
      return [];
    }
    return [{ kind, value: value ?? '' }];
  });
  const body: readonly Change[] = after.body.equals(before.body)
    ? []
    : [{ kind: 'body', value: `${after.body.length} bytes` }];
  return [...parts, ...body, ...headerChanges(before.headers, after.headers)];
}

export function responseChanges(
  before: Pick<ResponseHead, 'status'> & { readonly headers: readonly string[] },
  after: ResponseHead,
): readonly Change[] {
  return [
    ...(before.status === after.status
      ? []
      : [{ kind: 'status', value: String(after.status) } as const]),
    ...(after.body === undefined
      ? []
      : [{ kind: 'body', value: `${after.body.length} bytes` } as const]),
    ...headerChanges(before.headers, after.headers),
  ];
}

/** By name, whatever its spelling; several lines of one name count as one value. */
export function headerChanges(
  before: Readonly<HeaderList>,
  after: Readonly<HeaderList>,
): readonly Change[] {
  const [old, now] = [byName(before), byName(after)];
  const set = [...now].flatMap(([key, { name, values }]): Change[] => {
    const value = values.join(', ');
    return old.get(key)?.values.join(', ') === value ? [] : [{ kind: 'set-header', name, value }];
  });
  const removed = [...old].flatMap(([key, { name }]): Change[] =>
    now.has(key) ? [] : [{ kind: 'remove-header', name }],
  );
  return [...set, ...removed];
}

function byName(list: Readonly<HeaderList>): Map<string, { name: string; values: string[] }> {
  const lines = new Map<string, { name: string; values: string[] }>();
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [name = '', value = ''] = list.slice(i, i + 2);
    const known = lines.get(name.toLowerCase());
    if (known === undefined) lines.set(name.toLowerCase(), { name, values: [value] });
    else known.values.push(value);
  }
  return lines;
}
