/**
 * One provider's keys on the key host: when they are looked for, which ones count, what happens in
 * an outage. Times that pass are measured on a clock that never jumps.
 */
import type { Logger } from '../log.ts';
import type { KeySourceSpec, Outbound } from '../services.ts';
import { createSingleFlight } from '../single-flight.ts';
import { importJwk, isFault } from '../tokens/jwk.ts';
import {
  discover,
  fetchSet,
  ProviderError,
  reasonOf,
  type Discovery,
  type FetchedSet,
} from './fetch-set.ts';
import { sourceId, type SourceRequest, type SourceState } from './link.ts';
import { wakeAfter } from './wake-after.ts';

/** Between two looks because of keys that nobody knows: tokens with random kids must not become calls. */
export const REFRESH_PAUSE_MS = 30_000;
/** Keys go on working that long after the provider was last seen in good health. */
export const STALE_MAX_MS = 24 * 3600 * 1000;
/** Keys of the set before still verify that long. */
const PREVIOUS_MAX_MS = 3600 * 1000;
/** Without a period of its own, a source is looked at that often: removed keys are noticed. */
const PERIOD_MS = 3600 * 1000;
/** Where the keys are is asked again after that. */
const DISCOVERY_MAX_MS = 600_000;
/** While there are no keys at all: the pause after a failure, doubled each time. */
const RETRY_MS = 100;
/** Whoever asks so shortly before the end of a pause waits for it. */
const WAIT_MAX_MS = 250;

export interface SourceOptions {
  readonly request: SourceRequest;
  readonly outbound: Outbound;
  readonly log: Logger;
  readonly onChange: (state: SourceState) => void;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** For the Admin API. Times are milliseconds since the epoch. */
export interface SourceFacts {
  readonly id: string;
  /** The URL without credentials and query. */
  readonly name: string;
  readonly holds: SourceRequest['holds'];
  readonly keys: readonly unknown[];
  readonly previous: readonly unknown[];
  /** `fresh`: the last look went well; `stale`: it did not, the keys go on working; `none`: no keys. */
  readonly state: 'fresh' | 'stale' | 'none';
  readonly createdAt: number;
  readonly updatedAt: number | undefined;
  readonly checkedAt: number | undefined;
  readonly failures: number;
  readonly problem: string | undefined;
  /** Keys of the document that are not used, and why. */
  readonly skipped: readonly string[];
}

export interface Source {
  readonly id: string;
  state(): SourceState;
  facts(): SourceFacts;
  /** Loads when there are no keys. Never rejects. */
  load(): Promise<void>;
  /** Looks for newer keys than version `seen`, if enough time has passed. Never rejects. */
  refresh(seen: number): Promise<void>;
  /** Loads now, and moves the keys to the previous ones whatever comes. Rejects with the reason. */
  reload(auth?: Pick<SourceRequest['spec'], 'basicAuth' | 'tls'>): Promise<void>;
  /** What its calls do without being told otherwise. */
  readonly verifiesTls: boolean;
  /** Drops the keys; the next use loads them anew. */
  forget(): void;
  /** 0: the default. */
  setPeriod(seconds: number): void;
  /** Ends its timer; a call revives nothing. */
  stop(): void;
}

/** A set that counts: at least one of its keys can be used. */
interface Accepted extends FetchedSet {
  readonly text: string;
  readonly skipped: readonly string[];
}

interface Memory {
  current: Accepted | undefined;
  previous:
    | { readonly text: string; readonly jwks: readonly unknown[]; readonly until: number }
    | undefined;
  discovery: { readonly found: Discovery; readonly until: number } | undefined;
  version: number;
  /** On the clock that never jumps. */
  goodAt: number;
  refreshedAt: number;
  failedAt: number;
  failures: number;
  problem: string | undefined;
  readonly createdAt: number;
  updatedAt: number | undefined;
  checkedAt: number | undefined;
  periodMs: number;
  timer: NodeJS.Timeout | undefined;
}

const emptyMemory = (): Memory => ({
  current: undefined,
  previous: undefined,
  discovery: undefined,
  version: 0,
  goodAt: 0,
  refreshedAt: Number.NEGATIVE_INFINITY,
  failedAt: 0,
  failures: 0,
  problem: undefined,
  createdAt: Date.now(),
  updatedAt: undefined,
  checkedAt: undefined,
  periodMs: 0,
  timer: undefined,
});

export const createSource = (options: SourceOptions): Source => new ProviderSource(options);

class ProviderSource implements Source {
  readonly id: string;
  readonly #options: SourceOptions;
  readonly #name: string;
  readonly #log: Logger;
  readonly #memory = emptyMemory();
  readonly #look: () => Promise<void>;
  /** What the links know. */
  #told: SourceState;

  constructor(options: SourceOptions) {
    const { spec } = options.request;
    this.id = sourceId(options.request);
    this.#options = options;
    this.#name = shownName(spec.url);
    this.#log = options.log.child({ source: this.#name });
    this.#look = createSingleFlight(() => this.#lookNow());
    this.#told = this.state();
  }

  state(): SourceState {
    return stateOf(this.id, this.#memory, this.#options.now());
  }

  facts(): SourceFacts {
    const { holds } = this.#options.request;
    return factsOf({ id: this.id, name: this.#name, holds }, this.#memory, this.state());
  }

  async load(): Promise<void> {
    if (this.state().document !== undefined) return;
    if (await mayRetry(this.#memory, this.#options.now)) await this.#look();
  }

  async refresh(seen: number): Promise<void> {
    const memory = this.#memory;
    if (this.state().document === undefined) return this.load();
    const now = this.#options.now();
    if (memory.version > seen || now - memory.refreshedAt < REFRESH_PAUSE_MS) return undefined;
    memory.refreshedAt = now;
    return this.#look();
  }

  async reload(auth?: Pick<KeySourceSpec, 'basicAuth' | 'tls'>): Promise<void> {
    const { request } = this.#options;
    const found = await this.#fetch({ ...request.spec, ...auth });
    this.#accept(found, true);
    this.#settle();
  }

  get verifiesTls(): boolean {
    return this.#options.request.spec.tls?.verify !== false;
  }

  forget(): void {
    const memory = this.#memory;
    memory.current = undefined;
    memory.previous = undefined;
    memory.discovery = undefined;
    memory.failures = 0;
    memory.version += 1;
    this.#settle();
  }

  setPeriod(seconds: number): void {
    this.#memory.periodMs = seconds > 0 ? seconds * 1000 : PERIOD_MS;
    this.#schedule();
  }

  stop(): void {
    this.#memory.periodMs = 0;
    clearTimeout(this.#memory.timer);
  }

  async #lookNow(): Promise<void> {
    try {
      this.#accept(await this.#fetch(this.#options.request.spec), false);
    } catch (error) {
      this.#fail(reasonOf(error));
    }
    this.#settle();
  }

  /** Throws for a set without a usable key: it never replaces one that has some. */
  async #fetch(spec: KeySourceSpec): Promise<Accepted> {
    const { outbound, now, request } = this.#options;
    const memory = this.#memory;
    if (spec.kind === 'discovery' && (memory.discovery?.until ?? 0) <= now()) {
      const found = await discover(spec, outbound);
      memory.discovery = { found, until: now() + DISCOVERY_MAX_MS };
    }
    return check(await fetchSet(spec, outbound, memory.discovery?.found), request.holds);
  }

  /** `always`: the keys become the previous ones although nothing has changed. */
  #accept(found: Accepted, always: boolean): void {
    const memory = this.#memory;
    const { current, failures } = memory;
    if (failures > 0) this.#log.info({ failures }, 'the provider of keys is back');
    memory.goodAt = this.#options.now();
    memory.failures = 0;
    memory.problem = undefined;
    if (found.text === current?.text && !always) return;
    if (current !== undefined)
      memory.previous = { ...current, until: memory.goodAt + PREVIOUS_MAX_MS };
    memory.current = found;
    memory.version += 1;
    memory.updatedAt = Date.now();
    const { skipped, jwks } = found;
    this.#log.info({ keys: jwks.length - skipped.length, skipped }, 'keys of a provider loaded');
  }

  #fail(reason: string): void {
    const memory = this.#memory;
    const isNews = memory.failures === 0 || memory.problem !== reason;
    memory.failures += 1;
    memory.failedAt = this.#options.now();
    memory.problem = reason;
    // Where the keys are may have changed.
    memory.discovery = undefined;
    if (!isNews) return;
    if (this.state().document === undefined) {
      this.#log.error({ reason }, 'a provider of keys fails, and none of its keys are known');
    } else this.#log.warn({ reason }, 'a provider of keys fails; the known keys go on working');
  }

  /** After a look: tells what is different, also keys that have become too old. */
  #settle(): void {
    this.#memory.checkedAt = Date.now();
    const state = this.state();
    const { version, document, previous } = this.#told;
    this.#told = state;
    if (state.version !== version || state.document !== document || state.previous !== previous) {
      this.#options.onChange(state);
    }
    this.#schedule();
  }

  #schedule(): void {
    const memory = this.#memory;
    clearTimeout(memory.timer);
    if (memory.periodMs === 0) return;
    const dueMs =
      memory.failures > 0 ? Math.min(memory.periodMs, REFRESH_PAUSE_MS) : memory.periodMs;
    memory.timer = wakeAfter(jittered(dueMs), () => void this.#look());
  }
}

/** Nodes that started together do not ask together. */
const jittered = (ms: number): number => ms * (0.95 + Math.random() * 0.1);

function shownName(url: string): string {
  if (!URL.canParse(url)) return 'not a URL';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** True when a first load may be tried (again); waits for the end of a short pause. */
async function mayRetry(memory: Memory, now: () => number): Promise<boolean> {
  if (memory.failures === 0) return true;
  const pauseMs = Math.min(RETRY_MS * 2 ** Math.min(memory.failures - 1, 16), REFRESH_PAUSE_MS);
  const leftMs = memory.failedAt + pauseMs - now();
  if (leftMs > WAIT_MAX_MS) return false;
  if (leftMs > 0) await new Promise((resolve) => void setTimeout(resolve, leftMs));
  return true;
}

function check(found: FetchedSet, holds: SourceRequest['holds']): Accepted {
  const skipped = found.jwks.flatMap((jwk, index) => {
    const outcome = importJwk(jwk, holds === 'private' ? 'sign' : 'verify');
    return isFault(outcome) ? [`${index}: ${outcome.reason}`] : [];
  });
  if (found.jwks.length === 0) throw new ProviderError('the JWK set is empty');
  if (skipped.length === found.jwks.length) {
    throw new ProviderError(`the JWK set has no usable key: ${skipped.slice(0, 3).join('; ')}`);
  }
  return { ...found, text: JSON.stringify({ keys: found.jwks }), skipped };
}

function stateOf(id: string, memory: Memory, now: number): SourceState {
  const { current, previous, version } = memory;
  const isUsable = current !== undefined && now - memory.goodAt < STALE_MAX_MS;
  return {
    kind: 'source',
    id,
    version,
    document: isUsable ? current.text : undefined,
    previous:
      isUsable && previous !== undefined && now < previous.until ? previous.text : undefined,
    issuer: current?.issuer,
  };
}

function factsOf(
  own: Pick<SourceFacts, 'id' | 'name' | 'holds'>,
  memory: Memory,
  { document, previous }: SourceState,
): SourceFacts {
  const { current, createdAt, updatedAt, checkedAt, failures, problem } = memory;
  const fresh = failures === 0 ? 'fresh' : 'stale';
  return {
    ...own,
    keys: current?.jwks ?? [],
    previous: previous === undefined ? [] : (memory.previous?.jwks ?? []),
    state: document === undefined ? 'none' : fresh,
    createdAt,
    updatedAt,
    checkedAt,
    failures,
    problem,
    skipped: current?.skipped ?? [],
  };
}
