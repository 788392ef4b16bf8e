/** Kong's `propagation` record: which formats of trace contexts are read, cleared and written. */
import { setHeader, removeHeader, type HeaderList } from '../http/headers.ts';
import {
  NO_CONTEXT,
  TracingHeaders,
  type ExtractFormat,
  type InjectFormat,
  type TraceContext,
} from './context.ts';
import { extract } from './extract.ts';
import { inject, type OutgoingContext } from './inject.ts';

/** The fields of a plugin's config that say it; the types of the schemas fit them. */
export interface PropagationConfig {
  readonly propagation: {
    readonly extract: readonly ExtractFormat[] | null;
    readonly inject: readonly ('preserve' | InjectFormat)[] | null;
    readonly clear: readonly string[] | null;
    readonly default_format: InjectFormat;
  };
  readonly header_type: 'preserve' | 'ignore' | InjectFormat | null;
  /** Only zipkin has it. */
  readonly default_header_type?: InjectFormat;
}

/** What came in, and in which format. */
export interface Incoming {
  readonly format: ExtractFormat | undefined;
  readonly context: TraceContext;
}

export interface Propagator {
  extract(headers: Readonly<HeaderList>): Incoming;
  /**
   * Takes out what is to be cleared and writes the context, in place. Gives the trace id in each
   * format it was written in (the log record's `trace_id`), if in any.
   */
  write(
    headers: HeaderList,
    incoming: Incoming,
    outgoing: OutgoingContext,
  ): Readonly<Record<string, string>> | undefined;
}

/** The order in which Kong looks when the config does not say. */
const EXTRACT_ALL: readonly ExtractFormat[] = [
  'b3',
  'w3c',
  'jaeger',
  'ot',
  'datadog',
  'aws',
  'gcp',
];

const NOTHING: Incoming = { format: undefined, context: NO_CONTEXT };

/** Worked out once per load. */
export function compilePropagation(config: PropagationConfig): Propagator {
  const { extracts, injects, defaultFormat } = formatsOf(config);
  const clear = (config.propagation.clear ?? []).map((name) => name.toLowerCase());
  return {
    extract(headers) {
      const found = extracts.length === 0 ? undefined : TracingHeaders.of(headers);
      return (found && extract(found, extracts)) ?? NOTHING;
    },
    write(headers, { format, context }, outgoing) {
      for (const name of clear) removeHeader(headers, name);
      const ids: (readonly [string, string])[] = [];
      for (const wanted of injects) {
        const chosen = wanted === 'preserve' ? preserved(format, context, defaultFormat) : wanted;
        const { headers: fields, traceId } = inject(chosen, outgoing);
        for (let i = 0; i < fields.length; i += 2) {
          setHeader(headers, fields[i] ?? '', fields[i + 1] ?? '');
        }
        ids.push(traceId);
      }
      return ids.length === 0 ? undefined : Object.fromEntries(ids);
    },
  };
}

/** The format it came in, of B3 also the form. */
function preserved(
  format: ExtractFormat | undefined,
  { isSingleHeader }: TraceContext,
  fallback: InjectFormat,
): InjectFormat {
  return format === 'b3' && isSingleHeader ? 'b3-single' : (format ?? fallback);
}

interface Formats {
  readonly extracts: readonly ExtractFormat[];
  readonly injects: readonly ('preserve' | InjectFormat)[];
  readonly defaultFormat: InjectFormat;
}

/** `default_format` alone leaves it to the deprecated fields, whose defaults are always set. */
function formatsOf(config: PropagationConfig): Formats {
  const { propagation, header_type: type, default_header_type: defaultType } = config;
  const { extract: extracts, inject: injects, clear, default_format: format } = propagation;
  if (extracts !== null || injects !== null || clear !== null) {
    return { extracts: extracts ?? [], injects: injects ?? [], defaultFormat: format };
  }
  const defaultFormat = defaultType ?? format;
  switch (type) {
    case null:
      return { extracts: [], injects: [], defaultFormat };
    case 'preserve':
      return { extracts: EXTRACT_ALL, injects: ['preserve'], defaultFormat };
    case 'ignore':
      return { extracts: [], injects: [defaultFormat], defaultFormat };
    default:
      return { extracts: EXTRACT_ALL, injects: ['preserve', type], defaultFormat };
  }
}
