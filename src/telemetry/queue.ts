/**
 * Kong's queue between a plugin and the server it reports to: entries wait in memory, go out in batches
 * one after another, and are tried again for a while. Bounded; the oldest entries give way.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { createDropLog } from './drops.ts';

/** Kong's `queue` record. Delays and times in seconds. */
export interface QueueSettings {
  readonly max_batch_size: number;
  /** How long a batch that is not full waits for more; without meaning for batches of one. */
  readonly max_coalescing_delay: number;
  readonly max_entries: number;
  /** Of the entries that wait; `null`: no limit of its own. */
  readonly max_bytes: number | null;
  /** A batch that failed is tried again until this has passed. */
  readonly max_retry_time: number;
  readonly initial_retry_delay: number;
  readonly max_retry_delay: number;
  /** -1: every entry is sent at once, beside the others. */
  readonly concurrency_limit: number;
}

export interface QueueOptions<Entry = string> {
  readonly settings: QueueSettings;
  readonly log: Logger;
  /** Rejects when the batch was not taken; the message says why, without secrets. */
  readonly send: (batch: readonly Entry[], signal: AbortSignal) => Promise<void>;
  /** How long `close` waits for what is still there; 5000 when absent. */
  readonly drainMs?: number;
}

export interface Queue<Entry = string> {
  /** Never blocks and never throws. */
  push(entry: Entry): void;
  /** Sends what is there, but does not wait for a server that is away. Nothing may be pushed after. */
  close(): Promise<void>;
}

const DRAIN_MS = 5000;
/** Where a queue counts as nearly full, as in Kong. */
const WARNING_SHARE = 0.8;

export const createQueue = (options: QueueOptions): Queue =>
  new BoundedQueue({ ...options, sizeOf: (text) => Buffer.byteLength(text) });

/** A queue of entries that are no texts; `sizeOf` says how many bytes one counts for. */
export const createQueueOf = <Entry>(options: SizedOptions<Entry>): Queue<Entry> =>
  new BoundedQueue(options);

export interface SizedOptions<Entry> extends QueueOptions<Entry> {
  readonly sizeOf: (entry: Entry) => number;
}

class BoundedQueue<Entry> implements Queue<Entry> {
  readonly #options: SizedOptions<Entry>;
  readonly #drops;
  readonly #closing = new AbortController();
  readonly #givenUp = new AbortController();
  /** What waits; those before `#front` are gone. */
  #entries: Entry[] = [];
  #front = 0;
  #bytes = 0;
  #inFlight = 0;
  #running: Promise<void> | undefined = undefined;
  #wakeWhenFull: (() => void) | undefined = undefined;
  #warned = false;

  constructor(options: SizedOptions<Entry>) {
    this.#options = options;
    this.#drops = createDropLog(options.log);
  }

  get #length(): number {
    return this.#entries.length - this.#front;
  }

  push(entry: Entry): void {
    const { max_bytes: bytesMax, concurrency_limit: limit } = this.#options.settings;
    if (this.#givenUp.signal.aborted) return;
    const bytes = this.#options.sizeOf(entry);
    if (bytesMax !== null && bytes > bytesMax) {
      this.#drops.dropped(1, `a record of ${bytes} bytes is longer than max_bytes`);
      return;
    }
    if (limit === -1) {
      this.#sendBeside(entry);
      return;
    }
    this.#makeRoom(bytes);
    this.#entries.push(entry);
    this.#bytes += bytes;
    if (this.#length >= this.#options.settings.max_batch_size) this.#wakeWhenFull?.();
    this.#running ??= this.#run();
  }

  #makeRoom(bytes: number): void {
    const { max_entries: entriesMax, max_bytes: bytesMax } = this.#options.settings;
    const isNearlyFull = this.#length >= entriesMax * WARNING_SHARE;
    if (isNearlyFull && !this.#warned) {
      this.#options.log.warn({ entries: this.#length }, 'the queue of log records is nearly full');
    }
    this.#warned = isNearlyFull;
    let dropped = 0;
    const roomBefore = bytesMax === null ? Infinity : bytesMax - bytes;
    while (this.#length > 0 && (this.#length >= entriesMax || this.#bytes > roomBefore)) {
      this.#take(1);
      dropped++;
    }
    if (dropped > 0) this.#drops.dropped(dropped, 'the queue is full, the oldest gave way');
  }

  #take(count: number): Entry[] {
    const batch = this.#entries.slice(this.#front, this.#front + count);
    this.#front += batch.length;
    for (const entry of batch) this.#bytes -= this.#options.sizeOf(entry);
    // The list is cut now and then, so that taking stays cheap.
    if (this.#front > 1024 && this.#front * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#front);
      this.#front = 0;
    }
    return batch;
  }

  async #run(): Promise<void> {
    // The request that pushed the first entry is not to wait for the sending of it.
    await new Promise(setImmediate);
    while (this.#length > 0) {
      // oxlint-disable-next-line no-await-in-loop -- one batch after another
      await this.#coalesce();
      // oxlint-disable-next-line no-await-in-loop -- see above
      await this.#sendWithRetries(this.#take(this.#options.settings.max_batch_size));
    }
    this.#entries = [];
    this.#front = 0;
    this.#running = undefined;
  }

  /** Waits until the batch is full, its first entry has waited long enough, or the queue closes. */
  async #coalesce(): Promise<void> {
    const { max_batch_size: size, max_coalescing_delay: delay } = this.#options.settings;
    if (this.#length >= size || delay === 0 || this.#closing.signal.aborted) return;
    const full = new AbortController();
    this.#wakeWhenFull = () => full.abort();
    await rest(delay, AbortSignal.any([full.signal, this.#closing.signal]));
    this.#wakeWhenFull = undefined;
  }

  #sendBeside(entry: Entry): void {
    if (this.#inFlight >= this.#options.settings.max_entries) {
      this.#drops.dropped(1, 'too many records are being sent');
      return;
    }
    const sent = this.#sendWithRetries([entry]).finally(() => {
      this.#beside.delete(sent);
    });
    this.#beside.add(sent);
  }

  async #sendWithRetries(batch: readonly Entry[]): Promise<void> {
    const { settings, log, send } = this.#options;
    const startedAt = performance.now();
    this.#inFlight++;
    for (let delay = settings.initial_retry_delay; ; delay *= 2) {
      // oxlint-disable-next-line no-await-in-loop -- a try follows the one that failed
      const failure = await send(batch, this.#givenUp.signal).then(
        () => undefined,
        (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
      );
      if (failure === undefined) break;
      const hasTime = (performance.now() - startedAt) / 1000 <= settings.max_retry_time;
      if (!hasTime || this.#givenUp.signal.aborted) {
        this.#drops.dropped(batch.length, failure);
        break;
      }
      log.debug({ entries: batch.length, reason: failure }, 'log records were not taken');
      // oxlint-disable-next-line no-await-in-loop -- see above
      await rest(Math.min(delay, settings.max_retry_delay), this.#givenUp.signal);
    }
    this.#inFlight--;
  }

  readonly #beside = new Set<Promise<void>>();

  async close(): Promise<void> {
    this.#closing.abort();
    const timer = setTimeout(() => this.#giveUp(), this.#options.drainMs ?? DRAIN_MS);
    await Promise.all([this.#running, ...this.#beside]);
    clearTimeout(timer);
    this.#givenUp.abort();
    this.#drops.close();
  }

  #giveUp(): void {
    const lost = this.#length;
    this.#take(lost);
    if (lost > 0)
      this.#drops.dropped(lost, 'the gateway or its config goes, and they were not sent yet');
    this.#givenUp.abort();
  }
}

/** Ends early when the signal says so. */
async function rest(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal, ref: true }).catch(() => undefined);
}
