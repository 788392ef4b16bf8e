/** B3: one header (`b3`, or an entry of `tracestate`) and several (`X-B3-…`), read together as Kong does. */
import { NO_CONTEXT, type TraceContext, type TracingHeaders } from './context.ts';

/** What one of the two forms says. */
interface Reading {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly sampled?: boolean | undefined;
  readonly flags?: string | undefined;
}

const NAMES = [
  'b3',
  'tracestate',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
] as const;

/**
 * Any of its headers makes it B3, valid or not, and even a `tracestate` of somebody else: so Kong
 * finds it before W3C unless `extract` says otherwise.
 */
export function extractB3(headers: TracingHeaders): TraceContext | undefined {
  if (!NAMES.some((name) => headers.has(name))) return undefined;
  const single = readSingle(headers);
  const multi = readMulti(headers);
  const traceId = single?.traceId ?? multi.traceId;
  return {
    ...NO_CONTEXT,
    traceId,
    spanId: traceId === undefined ? undefined : (single?.spanId ?? multi.spanId),
    parentId: traceId === undefined ? undefined : (single?.parentId ?? multi.parentId),
    sharesSpan: true,
    sampled: single?.sampled ?? multi.sampled,
    flags: single?.flags ?? multi.flags,
    isSingleHeader: single !== undefined,
  };
}

function singleText(headers: TracingHeaders): string | undefined {
  if (headers.has('b3')) return headers.one('b3') || undefined;
  for (const state of headers.all('tracestate')) {
    if (state.startsWith('b3=') && state.length > 3) return state.slice(3);
  }
  return undefined;
}

const SINGLE = /^([\dA-Fa-f]+)-([\dA-Fa-f]{16})-?([01d]?)-?([\dA-Fa-f]*)$/;

function readSingle(headers: TracingHeaders): Reading | undefined {
  const text = singleText(headers);
  if (text === undefined) return undefined;
  if (text === '1' || text === 'd' || text === '0') return decision(text);
  const [, traceId = '', spanId, sampled = '', parentId = ''] = SINGLE.exec(text) ?? [];
  const isValid =
    (traceId.length === 16 || traceId.length === 32) && (parentId === '' || parentId.length === 16);
  if (!isValid) return {};
  return { ...decision(sampled), traceId, spanId, parentId: parentId || undefined };
}

function decision(sampled: string): Reading {
  if (sampled === 'd') return { sampled: true, flags: '1' };
  return { sampled: sampled === '' ? undefined : sampled === '1' };
}

function readMulti(headers: TracingHeaders): Reading {
  const flags = headers.one('x-b3-flags');
  const sampled = flags === '1' ? true : booleanOf(headers.one('x-b3-sampled'));
  const traceId = headers.one('x-b3-traceid');
  const spanId = headers.one('x-b3-spanid');
  const parentId = headers.one('x-b3-parentspanid');
  const areValid = isId(traceId, 16, 32) && isId(spanId, 16, 16) && isId(parentId, 16, 16);
  return areValid ? { traceId, spanId, parentId, sampled, flags } : { sampled, flags };
}

/** How B3 and OpenTracing write it. */
export function booleanOf(text: string | undefined): boolean | undefined {
  if (text === '1' || text === 'true') return true;
  return text === '0' || text === 'false' ? false : undefined;
}

/** True also for none. */
export const isId = (id: string | undefined, short: number, long: number): boolean =>
  id === undefined || ((id.length === short || id.length === long) && /^[\dA-Fa-f]+$/.test(id));
