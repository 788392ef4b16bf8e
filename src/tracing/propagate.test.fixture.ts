/** One request through a propagator, with a span of ours. */
import type { HeaderList } from '../http/headers.ts';
import type { TraceContext } from './context.ts';
import { compilePropagation, type PropagationConfig } from './propagation.ts';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';
export const SHORT = TRACE.slice(16);
export const SPAN = 'b7ad6b7169203331';
export const PARENT = '05e3ac9a4f6e3b90';
export const OWN = '00000000000000aa';
export const OWN_PARENT = '00000000000000bb';

export type Propagation = PropagationConfig['propagation'];

export const config = (propagation: Partial<Propagation> = {}): PropagationConfig => ({
  propagation: {
    extract: null,
    inject: null,
    clear: null,
    default_format: 'w3c',
    ...propagation,
  },
  header_type: 'preserve',
});

/** What goes upstream for a request with these headers, with our span in it. */
export function propagate(
  incoming: HeaderList,
  given: PropagationConfig = config(),
  own: Partial<TraceContext> = {},
) {
  const propagator = compilePropagation(given);
  const headers = [...incoming];
  const found = propagator.extract(headers);
  const traceIds = propagator.write(headers, found, {
    ...found.context,
    ...own,
    traceId: found.context.traceId ?? TRACE,
    spanId: OWN,
    parentId: OWN_PARENT,
  });
  return { format: found.format, context: found.context, headers, traceIds };
}

export const object = (headers: Readonly<HeaderList>): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: headers.length / 2 }, (_, i) => [
      headers[2 * i] ?? '',
      headers[2 * i + 1] ?? '',
    ]),
  );
