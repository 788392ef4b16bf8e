/** One generated keyset on the key host: read from the store, changed by compare-and-set, rotated in time. */
import { randomUUID } from 'node:crypto';
import { KeysetError } from '../errors.ts';
import { parseJson } from '../http/json.ts';
import type { Logger } from '../log.ts';
import { createSingleFlight } from '../single-flight.ts';
import type { GenerateKeys } from './generate.ts';
import type { KeysetState } from './link.ts';
import {
  createRecord,
  hasNext,
  noteNeeded,
  readRecord,
  rotateRecord,
  withNext,
  type KeysetRecord,
} from './record.ts';
import type { KeyStore } from './store.ts';
import { wakeAfter } from './wake-after.ts';

/**
 * Keys in memory go on signing that long while the store cannot be read. Longer would mean to sign
 * with keys that others may have rotated away.
 */
export const LEASE_MS = 300_000;
const TRIES_MAX = 10;
/** After a rotation in time that did not succeed. */
const RETRY_MS = 1000;
/** Timers come early by a little. */
const SLACK_MS = 20;

export interface HostKeysetOptions {
  readonly name: string;
  readonly store: KeyStore;
  readonly log: Logger;
  readonly onChange: (state: KeysetState) => void;
  readonly generate: GenerateKeys;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

export interface HostKeyset {
  readonly name: string;
  state(): KeysetState;
  /** Reads it, and generates it when it is not there. Never rejects: the state says what is wrong. */
  load(): Promise<void>;
  /** Reads it again. Never rejects. */
  check(): Promise<void>;
  /** Rejects with KeysetError. */
  rotate(): Promise<KeysetRecord>;
  /** False when there was none. Rejects with KeysetError. */
  remove(): Promise<boolean>;
  /** Never rejects; a note that cannot be written now is written with the next one. */
  note(kid: string, until: number): Promise<void>;
  /** 0: never by itself. */
  setPeriod(seconds: number): void;
  /** Ends its timer; a call revives nothing. */
  stop(): void;
  /** Ends with what is under way; notes and looks after it do nothing. Never rejects. */
  close(): Promise<void>;
}

export const createHostKeyset = (options: HostKeysetOptions): HostKeyset =>
  new StoredKeyset(options);

/** A record, and the version of the store it came with. */
interface Loaded {
  readonly version: number;
  readonly record: KeysetRecord | undefined;
}

class StoredKeyset implements HostKeyset {
  readonly name: string;
  readonly #options: HostKeysetOptions;
  readonly #log: Logger;
  readonly #load: () => Promise<void>;
  readonly #check: () => Promise<void>;
  readonly #notes = new Map<string, number>();
  #loaded: Loaded = { version: 0, record: undefined };
  #goodAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  /** What the links know. */
  #told: KeysetState | undefined;
  #periodMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: HostKeysetOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = options.log.child({ keyset: options.name });
    this.#load = createSingleFlight(() => this.#guarded(() => this.#ensure()));
    this.#check = createSingleFlight(() => this.#guarded(() => this.#read()));
  }

  state(): KeysetState {
    const { name } = this;
    if (this.#problem === undefined) return { kind: 'keyset', name, record: this.#loaded.record };
    const isFresh = this.#options.now() - this.#goodAt < LEASE_MS;
    const record = isFresh ? this.#loaded.record : undefined;
    return { kind: 'keyset', name, record, problem: this.#problem };
  }

  load(): Promise<void> {
    return this.#load();
  }

  check(): Promise<void> {
    return this.#check();
  }

  async rotate(): Promise<KeysetRecord> {
    const keys = await this.#options.generate();
    const record = await this.#change((before) => {
      const now = Date.now();
      if (before === undefined) throw new KeysetError(`there is no keyset ${this.name}`);
      return rotateRecord(before, keys, now);
    });
    this.#log.info({}, 'a keyset was rotated');
    return record;
  }

  async remove(): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      // oxlint-disable-next-line no-await-in-loop -- each try begins with what is there now
      const { version, record } = await this.#read();
      if (record === undefined) return false;
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (await this.#options.store.write(this.name, version, undefined)) {
        this.#accept({ version: version + 1, record: undefined });
        this.#log.info({}, 'a keyset was deleted');
        return true;
      }
    }
    throw this.#contended();
  }

  async note(kid: string, until: number): Promise<void> {
    this.#notes.set(kid, Math.max(until, this.#notes.get(kid) ?? 0));
    await this.#guarded(async () => {
      const notes = [...this.#notes];
      await this.#change((record) => {
        if (record === undefined) return undefined;
        return notes.reduce((noted, [id, time]) => noteNeeded(noted, id, time), record);
      });
      for (const [id, time] of notes) if (this.#notes.get(id) === time) this.#notes.delete(id);
    });
  }

  setPeriod(seconds: number): void {
    this.#periodMs = seconds * 1000;
    this.#schedule();
  }

  stop(): void {
    this.#periodMs = 0;
    clearTimeout(this.#timer);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.stop();
    await Promise.all(this.#underWay);
  }

  /** Makes what is missing: the keyset, and the generation that the next rotation activates. */
  async #ensure(): Promise<void> {
    const { record } = await this.#read();
    if (record === undefined) {
      const keys = await this.#options.generate();
      const id = randomUUID();
      await this.#change(
        (there) => there ?? createRecord({ id, name: this.name, keys }, Date.now()),
      );
      this.#log.info({ place: this.#options.store.place }, 'a keyset was generated');
    }
    if (this.#loaded.record !== undefined && !hasNext(this.#loaded.record)) {
      const keys = await this.#options.generate();
      await this.#change((there) =>
        there === undefined || hasNext(there) ? there : withNext(there, keys, Date.now()),
      );
    }
  }

  async #read(): Promise<Loaded> {
    const { version, text } = await this.#options.store.read(this.name);
    if (version === this.#loaded.version && version > 0) {
      this.#accept(this.#loaded);
      return this.#loaded;
    }
    const record = text === undefined ? undefined : readRecord(parseJson(Buffer.from(text))?.value);
    if (text !== undefined && record === undefined) {
      throw new KeysetError(`keyset ${this.name} is stored in a form that is not known here`);
    }
    const loaded = { version, record };
    this.#accept(loaded);
    return loaded;
  }

  /** Read, change, write if nobody else did meanwhile; again if somebody did. */
  async #change<R extends KeysetRecord | undefined>(
    make: (before: KeysetRecord | undefined) => R,
  ): Promise<R> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      // oxlint-disable-next-line no-await-in-loop -- each try begins with what is there now
      const { version, record } = await this.#read();
      const next = make(record);
      if (next === undefined || next === record) return next;
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (await this.#options.store.write(this.name, version, JSON.stringify(next))) {
        this.#accept({ version: version + 1, record: next });
        return next;
      }
    }
    throw this.#contended();
  }

  #contended(): KeysetError {
    return new KeysetError(`keyset ${this.name} is being changed by others all the time`);
  }

  #accept(loaded: Loaded): void {
    this.#goodAt = this.#options.now();
    if (this.#problem !== undefined) this.#log.info({}, 'a keyset can be read again');
    const isNews = this.#problem !== undefined || loaded.version !== this.#loaded.version;
    this.#problem = undefined;
    // An answer that was under way may be older than what was written meanwhile.
    if (loaded.version >= this.#loaded.version) this.#loaded = loaded;
    if (!isNews) return;
    this.#tell();
    this.#schedule();
  }

  #tell(): void {
    this.#told = this.state();
    this.#options.onChange(this.#told);
  }

  /** Not after the end: what the store is kept in may be gone with the node. */
  async #guarded(run: () => Promise<unknown>): Promise<void> {
    if (this.#isClosed) return;
    const work = this.#attempt(run);
    this.#underWay.add(work);
    try {
      await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  /** The store failed: logged once, and shown; the keys in memory go on for a while. */
  async #attempt(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const isNews = this.#problem === undefined;
      this.#problem = error instanceof KeysetError ? error.message : 'an internal error';
      if (isNews) this.#log.error({ err: error }, 'a keyset cannot be read or written');
      // Also when the time of the keys in memory is up.
      if (isNews || this.state().record !== this.#told?.record) this.#tell();
    }
  }

  #schedule(leastMs = 0): void {
    clearTimeout(this.#timer);
    const { record } = this.#loaded;
    if (this.#periodMs === 0 || record === undefined) return;
    // A clock that jumped makes it neither wait longer than a period nor rotate twice.
    const leftMs = record.rotatedAt + this.#periodMs - Date.now();
    const dueMs = Math.max(leastMs, Math.min(leftMs, this.#periodMs));
    this.#timer = wakeAfter(dueMs, () => void this.#rotateIfDue(record.rotatedAt));
  }

  async #rotateIfDue(rotatedAt: number): Promise<void> {
    await this.#guarded(async () => {
      const { record } = await this.#read();
      // Another node was first.
      if (record === undefined || record.rotatedAt !== rotatedAt) return;
      const age = Date.now() - rotatedAt;
      if (age < 0 || age >= this.#periodMs - SLACK_MS) await this.#rotateFrom(rotatedAt);
    });
    this.#schedule(RETRY_MS);
  }

  async #rotateFrom(rotatedAt: number): Promise<void> {
    const keys = await this.#options.generate();
    await this.#change((before) =>
      before?.rotatedAt === rotatedAt ? rotateRecord(before, keys, Date.now()) : before,
    );
    this.#log.info({}, 'a keyset was rotated, because it was time');
  }
}
