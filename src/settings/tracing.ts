/** Settings of tracing: what is recorded of requests, and of how many. */
import { INSTRUMENTATIONS, type Instrumentation, type TracingSettings } from '../tracing/spans.ts';
import type { Reader } from './reader.ts';

const isInstrumentation = (name: string): name is Instrumentation =>
  INSTRUMENTATIONS.some((known) => known === name);

/** `undefined` when nothing is recorded. */
export function readTracing(reader: Reader): TracingSettings | undefined {
  const names = reader.list('tracing_instrumentations');
  for (const name of names) {
    if (name === 'all' || name === 'off' || isInstrumentation(name)) continue;
    reader.problem(
      `invalid tracing type: ${name} (there are: off, all, ${INSTRUMENTATIONS.join(', ')})`,
    );
  }
  if (names.length > 1 && names.includes('off')) {
    reader.problem('invalid tracing types: off, other types are mutually exclusive');
  }
  const samplingRate = reader.number('tracing_sampling_rate') ?? 0;
  if (samplingRate < 0 || samplingRate > 1) {
    reader.problem('tracing_sampling_rate must be between 0 and 1');
  }
  if (names.length === 0 || names.includes('off')) return undefined;
  const instrumentations = names.includes('all')
    ? INSTRUMENTATIONS
    : names.filter(isInstrumentation);
  return { instrumentations, samplingRate };
}
