/** What the primary and its workers say to each other. Configs travel as JSON text, written once for all. */
import type { AddressInfo } from 'node:net';
import type { CacheBatch, CacheEntry, CacheReplies } from '../answer-cache/remote.ts';
import type { CounterBatch, CounterReplies } from '../counters/remote.ts';
import type { HealthChange, HealthReport } from '../proxy/health/board.ts';
import type { KeyCall, KeyState } from '../keys/link.ts';
import type { SeriesState } from '../metrics/store.ts';
import type { Settings, TlsPair } from '../settings/types.ts';
import type { WorkerStatus } from './data-plane.ts';

export type ToWorker =
  | {
      readonly kind: 'start';
      readonly settings: Settings;
      readonly defaultTls: TlsPair | undefined;
      readonly config: string;
      /** Modules of the user's own plugins. */
      readonly plugins: readonly string[];
      readonly version: number;
    }
  /** Compile and hold; nothing changes for clients. */
  | {
      readonly kind: 'prepare';
      readonly version: number;
      readonly config: string;
      readonly plugins: readonly string[];
    }
  /** Serve what was prepared. */
  | { readonly kind: 'commit'; readonly version: number }
  | { readonly kind: 'abort'; readonly version: number }
  /** What the primary has decided about the health of targets. */
  | { readonly kind: 'health'; readonly changes: readonly HealthChange[] }
  | { readonly kind: 'drain'; readonly graceMs: number }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'counted'; readonly replies: CounterReplies }
  | { readonly kind: 'cached'; readonly replies: CacheReplies }
  /** The answer to the worker's call `id`. */
  | { readonly kind: 'key-answer'; readonly id: number; readonly state: KeyState | undefined }
  /** Keys have changed. */
  | { readonly kind: 'key-state'; readonly state: KeyState };

export type ToPrimary =
  /** The worker hears from now on; what is sent before may be lost. */
  | { readonly kind: 'hello' }
  | {
      readonly kind: 'listening';
      readonly addresses: readonly AddressInfo[];
      readonly version: number;
    }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'prepared'; readonly version: number; readonly problem: string | undefined }
  | { readonly kind: 'committed'; readonly version: number }
  | { readonly kind: 'status'; readonly status: WorkerStatus }
  /** What a request says about the health of a target. */
  | { readonly kind: 'observed'; readonly report: HealthReport }
  | { readonly kind: 'drained'; readonly finished: boolean }
  /** Since the last of these. */
  | { readonly kind: 'metrics'; readonly counted: readonly SeriesState[] }
  | { readonly kind: 'count'; readonly batch: CounterBatch }
  | { readonly kind: 'cache-ask'; readonly batch: CacheBatch }
  | { readonly kind: 'cache-keep'; readonly entry: CacheEntry }
  | { readonly kind: 'key-call'; readonly id: number; readonly call: KeyCall };

const TO_WORKER: ReadonlySet<unknown> = new Set([
  'start',
  'prepare',
  'commit',
  'abort',
  'health',
  'drain',
  'reopen',
  'counted',
  'cached',
  'key-answer',
  'key-state',
]);
const TO_PRIMARY: ReadonlySet<unknown> = new Set([
  'hello',
  'listening',
  'failed',
  'prepared',
  'committed',
  'status',
  'observed',
  'drained',
  'metrics',
  'count',
  'cache-ask',
  'cache-keep',
  'key-call',
]);

const kindOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null ? Reflect.get(message, 'kind') : undefined;

/** Both ends are this program in one release: the kind tells the rest. */
export const isToWorker = (message: unknown): message is ToWorker => TO_WORKER.has(kindOf(message));
export const isToPrimary = (message: unknown): message is ToPrimary =>
  TO_PRIMARY.has(kindOf(message));
