/**
 * A generated keyset as it is stored: generations of keys, oldest first. Functions over it are pure;
 * they decide which keys sign, which are published, and for how long.
 *
 * A generation is published before it signs and after it has signed: each rotation activates the
 * generation that was made by the rotation before, and makes the next one.
 */
import { isObject } from '../http/json.ts';
import { algorithmNamed, type Algorithm } from '../tokens/algorithms.ts';
import { PRIVATE_MEMBERS } from '../tokens/jwk.ts';

/** A private JWK with `kid` and `alg`. */
export type StoredJwk = Readonly<Record<string, unknown>> & {
  readonly kid: string;
  readonly alg: Algorithm;
};

export interface StoredKey {
  readonly jwk: StoredJwk;
  /** The latest `exp` of the tokens it signed, rounded up; 0 while it has signed none. Seconds. */
  readonly neededUntil: number;
}

export interface Generation {
  /** Milliseconds since the epoch, as all times here. Published from then on. */
  readonly createdAt: number;
  /** When it begins to sign; `null` until a rotation decides it. */
  readonly activeFrom: number | null;
  readonly keys: readonly StoredKey[];
}

export interface KeysetRecord {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The last rotation; the creation before the first one. */
  readonly rotatedAt: number;
  readonly generations: readonly Generation[];
}

/** From the first publication of a key to its first use: others may have cached the set so long. */
export const LEAD_MS = 3000;
/** Retired keys that are kept for tokens which are still valid; the soonest to expire go first. */
export const RETIRED_MAX = 64;
/** Clocks of verifiers differ. */
const SKEW_SECONDS = 60;

export const createRecord = (
  {
    id,
    name,
    keys,
  }: { readonly id: string; readonly name: string; readonly keys: readonly StoredJwk[] },
  now: number,
): KeysetRecord => ({
  id,
  name,
  createdAt: now,
  updatedAt: now,
  rotatedAt: now,
  generations: [{ createdAt: now, activeFrom: now, keys: keys.map(unused) }],
});

const unused = (jwk: StoredJwk): StoredKey => ({ jwk, neededUntil: 0 });

const isNext = ({ activeFrom }: Generation): boolean => activeFrom === null;
export const hasNext = ({ generations }: KeysetRecord): boolean => generations.some(isNext);

/** Adds the generation that the next rotation will activate. */
export function withNext(
  record: KeysetRecord,
  keys: readonly StoredJwk[],
  now: number,
): KeysetRecord {
  const next: Generation = { createdAt: now, activeFrom: null, keys: keys.map(unused) };
  return { ...record, updatedAt: now, generations: [...record.generations, next] };
}

/**
 * Activates the next generation and adds `keys` as the one after it. Tokens may be around for longer
 * than that: keys that signed them stay.
 */
export function rotateRecord(
  record: KeysetRecord,
  keys: readonly StoredJwk[],
  now: number,
): KeysetRecord {
  // Without one that is published already, the new keys wait their time and others follow later.
  const ready = hasNext(record) ? record : withNext(record, keys, now);
  const generations = ready.generations.map((each) =>
    isNext(each) ? { ...each, activeFrom: Math.max(now, each.createdAt + LEAD_MS) } : each,
  );
  const activated = { ...record, updatedAt: now, rotatedAt: now, generations };
  return retire(ready === record ? withNext(activated, keys, now) : activated, now);
}

/** Drops what nobody needs: of generations before the previous one, keys without valid tokens. */
function retire(record: KeysetRecord, now: number): KeysetRecord {
  const { generations } = record;
  const kept = Math.max(0, currentIndex(generations, now) - 1);
  const old = generations.slice(0, kept);
  const needed = old
    .flatMap(({ keys }) => keys)
    .filter(({ neededUntil }) => neededUntil + SKEW_SECONDS > now / 1000)
    .toSorted((a, b) => b.neededUntil - a.neededUntil)
    .slice(0, RETIRED_MAX);
  const stays = new Set(needed);
  return {
    ...record,
    generations: [
      ...old
        .map((each) => ({ ...each, keys: each.keys.filter((key) => stays.has(key)) }))
        .filter(({ keys }) => keys.length > 0),
      ...generations.slice(kept),
    ],
  };
}

/** The newest generation that may sign; should a clock have gone back, the oldest that ever could. */
function currentIndex(generations: readonly Generation[], now: number): number {
  const index = generations.findLastIndex(
    ({ activeFrom }) => activeFrom !== null && activeFrom <= now,
  );
  return Math.max(0, index);
}

/** What signs now, and the span of time in which that answer holds. */
export interface Signing {
  readonly keys: readonly StoredKey[];
  readonly from: number;
  /** Infinity until a rotation. */
  readonly until: number;
}

export function signingAt({ generations }: KeysetRecord, now: number): Signing {
  const index = currentIndex(generations, now);
  const current = generations[index];
  const following = generations[index + 1]?.activeFrom ?? Number.POSITIVE_INFINITY;
  return { keys: current?.keys ?? [], from: current?.activeFrom ?? 0, until: following };
}

/** Remembers that tokens of a key are valid until `until` (seconds); the same record when it knew. */
export function noteNeeded(record: KeysetRecord, kid: string, until: number): KeysetRecord {
  const isNews = ({ jwk, neededUntil }: StoredKey): boolean =>
    jwk.kid === kid && neededUntil < until;
  if (!record.generations.some(({ keys }) => keys.some(isNews))) return record;
  return {
    ...record,
    generations: record.generations.map((each) => ({
      ...each,
      keys: each.keys.map((key) => (isNews(key) ? { ...key, neededUntil: until } : key)),
    })),
  };
}

/** The keys by what they are for. */
export interface PublishedKeys {
  /** Those that sign first, then the next ones, then all that tokens may still be signed with. */
  readonly keys: readonly StoredJwk[];
  /** The generation before the one that signs. */
  readonly previous: readonly StoredJwk[];
}

export function publishedAt({ generations }: KeysetRecord, now: number): PublishedKeys {
  const index = currentIndex(generations, now);
  const before = generations.slice(0, index);
  return {
    keys: [...jwksOf(generations.slice(index)), ...jwksOf(before.toReversed())],
    previous: jwksOf(before.slice(-1)),
  };
}

const jwksOf = (generations: readonly Generation[]): StoredJwk[] =>
  generations.flatMap(({ keys }) => keys.map(({ jwk }) => jwk));

const SECRET = new Set(PRIVATE_MEMBERS);

/**
 * What may be shown: no private member, and of `key_ops` what the public side does. `k` is all there
 * is of a symmetric key; whether to show it is the caller's choice.
 */
export function publicJwk(jwk: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = Object.fromEntries(Object.entries(jwk).filter(([name]) => !SECRET.has(name)));
  const { key_ops: operations } = jwk;
  if (!Object.hasOwn(jwk, 'd') || !Array.isArray(operations)) return shown;
  const ops = operations.map((one: unknown) => (one === 'sign' ? 'verify' : one));
  return { ...shown, key_ops: [...new Set(ops)] };
}

/** A record that came from a store, checked member by member. `undefined` when it is none. */
export function readRecord(value: unknown): KeysetRecord | undefined {
  if (!isObject(value)) return undefined;
  const { id, name, createdAt, updatedAt, rotatedAt, generations } = value;
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  if (typeof createdAt !== 'number' || typeof updatedAt !== 'number') return undefined;
  if (typeof rotatedAt !== 'number') return undefined;
  const read = readList(generations, readGeneration);
  // One that can sign is there from the beginning.
  if (read === undefined || !read.some((each) => !isNext(each))) return undefined;
  return { id, name, createdAt, updatedAt, rotatedAt, generations: read };
}

function readList<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item) => read(item)).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}

function readGeneration(value: unknown): Generation | undefined {
  if (!isObject(value)) return undefined;
  const { createdAt, activeFrom } = value;
  const keys = readList(value['keys'], readKey);
  if (typeof createdAt !== 'number' || keys === undefined || keys.length === 0) return undefined;
  if (activeFrom !== null && typeof activeFrom !== 'number') return undefined;
  return { createdAt, activeFrom, keys };
}

function readKey(value: unknown): StoredKey | undefined {
  if (!isObject(value)) return undefined;
  const { jwk, neededUntil } = value;
  if (!isObject(jwk) || typeof neededUntil !== 'number') return undefined;
  const { kid } = jwk;
  const alg = algorithmNamed(jwk['alg']);
  if (typeof kid !== 'string' || alg === undefined) return undefined;
  return { jwk: { ...jwk, kid, alg }, neededUntil };
}
