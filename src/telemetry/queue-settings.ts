/** The queue of an entry: its `queue`, over which Kong lets the deprecated fields go. */
import type { Logger } from '../log.ts';
import type { QueueSettings } from './queue.ts';

/** Absent members are not fields of the plugin. */
export interface DeprecatedQueueFields {
  readonly retry_count?: number;
  readonly queue_size?: number;
  readonly flush_timeout?: number;
  readonly batch_span_count?: number;
  readonly batch_flush_delay?: number;
}

interface Deprecation {
  readonly field: keyof DeprecatedQueueFields;
  /** A field with its old default says nothing. */
  readonly oldDefault: number;
  readonly successor: string;
  readonly member?: 'max_batch_size' | 'max_coalescing_delay';
}

const SIZE = { successor: 'queue.max_batch_size', member: 'max_batch_size' } as const;
const DELAY = { successor: 'queue.max_coalescing_delay', member: 'max_coalescing_delay' } as const;

const DEPRECATIONS: readonly Deprecation[] = [
  { field: 'retry_count', oldDefault: 10, successor: 'queue.max_retry_time' },
  { field: 'queue_size', oldDefault: 1, ...SIZE },
  { field: 'flush_timeout', oldDefault: 2, ...DELAY },
  { field: 'batch_span_count', oldDefault: 200, ...SIZE },
  { field: 'batch_flush_delay', oldDefault: 3, ...DELAY },
];

/** Warns of each deprecated field that is set to something else than its old default. */
export function queueSettings(
  plugin: string,
  config: DeprecatedQueueFields & { readonly queue: QueueSettings },
  log: Logger,
): QueueSettings {
  const moved = DEPRECATIONS.flatMap(({ field, oldDefault, successor, member }) => {
    const value = config[field];
    if (value === undefined || value === oldDefault) return [];
    log.warn({ field }, `${plugin}: ${field} is deprecated; use ${successor}`);
    return member === undefined ? [] : [[member, value] as const];
  });
  return { ...config.queue, ...Object.fromEntries(moved) };
}
