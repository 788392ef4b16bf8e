/**
 * What is known of the health of upstreams' addresses. It belongs to the process and not to a gateway,
 * so a reload keeps it. One board decides for the whole node: that of the only process, or the
 * primary's; those of worker processes send it what they see and are told what it decides.
 */
import type { Logger } from '../../log.ts';

/** Kong's words. The `mostly_` ones count as what they are called, with contrary observations at hand. */
export type Health = 'healthy' | 'mostly_healthy' | 'mostly_unhealthy' | 'unhealthy';

/** What a request or a probe says about an address. */
export type Observation = 'success' | 'http' | 'tcp' | 'timeout';

/** What is remembered of one address. */
export interface AddressRecord {
  /** Address, port and target host: Kong's identity of a checked target. */
  readonly key: string;
  health: Health;
  /** Moving average of answer times, for the algorithm `latency`; `undefined` while out of use. */
  answerMs: number | undefined;
  /** When `answerMs` was last brought up to date, in milliseconds since the epoch. */
  answeredAt: number;
}

export interface HealthChange {
  readonly upstream: string;
  readonly key: string;
  readonly health: Health;
}

/** An observation on its way from a worker to the board that decides. */
export interface HealthReport {
  readonly upstream: string;
  readonly key: string;
  readonly observation: Observation;
  /** From the upstream's thresholds; 0 turns the rule off. */
  readonly limit: number;
}

/** One upstream's part of the board. */
export interface UpstreamBoard {
  /** The record of an address; each `hold` needs a `release`. */
  hold(key: string): AddressRecord;
  release(record: AddressRecord): void;
  /** Counts an observation against its limit. */
  observe(record: AddressRecord, observation: Observation, limit: number): void;
  /** An operator's word: the counters begin anew. Only on the board that decides. */
  mark(record: AddressRecord, isHealthy: boolean): void;
  /** To be called when the gateway no longer has the upstream. */
  close(): void;
}

export interface HealthBoard {
  /**
   * The part of the upstream with that name, shared by all who open it. `onChange` runs when one of
   * its addresses has become available or unavailable.
   */
  open(upstream: string, onChange: () => void): UpstreamBoard;
  /** Takes in what a worker saw. */
  report(report: HealthReport): void;
  /** Takes over what the deciding board has decided. */
  follow(change: HealthChange): void;
  /** Everything that is not plainly healthy: what a new worker has to know. */
  snapshot(): readonly HealthChange[];
  /** Tells every change from now on. */
  subscribe(listener: (change: HealthChange) => void): void;
}

export interface BoardOptions {
  readonly log: Logger;
  /** Makes this the board of a worker: observations go there and decide nothing here. */
  readonly send?: (report: HealthReport) => void;
}

/** Records that only workers asked for; a worker may see addresses that DNS did not tell the primary. */
const UNHELD_MAX = 1000;

const FAILURES = ['http', 'tcp', 'timeout'] as const;

interface Entry extends AddressRecord {
  holds: number;
  readonly counts: Record<Observation, number>;
}

interface Page {
  readonly upstream: string;
  readonly entries: Map<string, Entry>;
  readonly listeners: Set<() => void>;
}

/** Makes the board of a process. */
export const createHealthBoard = (options: BoardOptions): HealthBoard => new Board(options);

class Board implements HealthBoard {
  readonly #pages = new Map<string, Page>();
  readonly #subscribers = new Set<(change: HealthChange) => void>();
  readonly #log: Logger;
  readonly #send: BoardOptions['send'];

  constructor({ log, send }: BoardOptions) {
    this.#log = log;
    this.#send = send;
  }

  open(upstream: string, onChange: () => void): UpstreamBoard {
    const page = this.#pageOf(upstream);
    page.listeners.add(onChange);
    return {
      hold(key) {
        const entry = page.entries.get(key) ?? newEntry(page, key);
        entry.holds++;
        return entry;
      },
      release: ({ key }) => this.#release(page, key),
      observe: (record, observation, limit) => {
        if (isIdle(record.health, observation, limit)) return;
        const report = { upstream, key: record.key, observation, limit };
        if (this.#send === undefined) this.report(report);
        else this.#send(report);
      },
      mark: ({ key }, isHealthy) => {
        const entry = page.entries.get(key);
        if (entry === undefined) return;
        clear(entry);
        this.#settle(page, entry, isHealthy ? 'healthy' : 'unhealthy');
      },
      close: () => {
        page.listeners.delete(onChange);
        if (page.listeners.size === 0) this.#pages.delete(upstream);
      },
    };
  }

  report({ upstream, key, observation, limit }: HealthReport): void {
    const page = this.#pages.get(upstream);
    if (page === undefined) return;
    let entry = page.entries.get(key);
    if (entry === undefined && page.entries.size < UNHELD_MAX) entry = newEntry(page, key);
    if (entry === undefined || isIdle(entry.health, observation, limit)) return;
    const next = afterObservation(entry, observation, limit);
    if (next !== undefined) this.#settle(page, entry, next);
  }

  follow({ upstream, key, health }: HealthChange): void {
    const page = this.#pageOf(upstream);
    this.#settle(page, page.entries.get(key) ?? newEntry(page, key), health);
  }

  snapshot(): readonly HealthChange[] {
    return [...this.#pages.values()].flatMap(({ upstream, entries }) =>
      [...entries.values()]
        .filter(({ health }) => health !== 'healthy')
        .map(({ key, health }) => ({ upstream, key, health })),
    );
  }

  subscribe(listener: (change: HealthChange) => void): void {
    this.#subscribers.add(listener);
  }

  #pageOf(upstream: string): Page {
    let page = this.#pages.get(upstream);
    if (page === undefined) {
      page = { upstream, entries: new Map(), listeners: new Set() };
      this.#pages.set(upstream, page);
    }
    return page;
  }

  #release(page: Page, key: string): void {
    const entry = page.entries.get(key);
    if (entry === undefined || --entry.holds > 0) return;
    page.entries.delete(key);
    // Whoever still has it elsewhere starts afresh, too.
    if (entry.health !== 'healthy') this.#announce(page.upstream, key, 'healthy');
  }

  #settle(page: Page, entry: Entry, health: Health): void {
    if (entry.health === health) return;
    const was = isAvailable(entry.health);
    entry.health = health;
    if (was !== isAvailable(health)) {
      for (const listener of page.listeners) listener();
      if (this.#send === undefined) this.#logChange(page.upstream, entry.key, was);
    }
    this.#announce(page.upstream, entry.key, health);
    if (entry.holds === 0 && health === 'healthy') page.entries.delete(entry.key);
  }

  #logChange(upstream: string, target: string, wasAvailable: boolean): void {
    const outcome = wasAvailable ? 'is unhealthy: it gets no requests' : 'is healthy again';
    this.#log.warn({ upstream, target }, `a target ${outcome}`);
  }

  #announce(upstream: string, key: string, health: Health): void {
    for (const tell of this.#subscribers) tell({ upstream, key, health });
  }
}

export const isAvailable = (health: Health): boolean =>
  health === 'healthy' || health === 'mostly_healthy';

function newEntry(page: Page, key: string): Entry {
  const entry: Entry = {
    key,
    health: 'healthy',
    answerMs: undefined,
    answeredAt: 0,
    holds: 0,
    counts: { success: 0, http: 0, tcp: 0, timeout: 0 },
  };
  page.entries.set(key, entry);
  return entry;
}

function clear({ counts }: Entry): void {
  counts.success = 0;
  for (const kind of FAILURES) counts[kind] = 0;
}

/** True when an observation can change nothing: nearly always, so that nobody need be told. */
function isIdle(health: Health, observation: Observation, limit: number): boolean {
  if (observation !== 'success') return limit === 0 || health === 'unhealthy';
  // Without a limit nothing becomes healthy by success, but failures before it no longer count.
  return health === 'healthy' || (limit === 0 && health !== 'mostly_healthy');
}

/** Counts, and says what the health is then; `undefined` for no change. Rules of Kong's health checker. */
function afterObservation(
  entry: Entry,
  observation: Observation,
  limit: number,
): Health | undefined {
  const { counts, health } = entry;
  if (observation === 'success') {
    for (const kind of FAILURES) counts[kind] = 0;
    counts.success = limit === 0 ? 0 : counts.success + 1;
    if (counts.success >= limit) return 'healthy';
    return health === 'unhealthy' ? 'mostly_unhealthy' : undefined;
  }
  counts.success = 0;
  counts[observation]++;
  if (counts[observation] >= limit) return 'unhealthy';
  return health === 'healthy' ? 'mostly_healthy' : undefined;
}
