/** What the Admin API and the command line may ask of a key host. Nothing private is in the answers. */
import { uuid5 } from '../config/uuid.ts';
import { KeysetError } from '../errors.ts';
import type { BasicAuth, OutboundTls } from '../services.ts';
import { reasonOf } from './fetch-set.ts';
import type { KeyHost } from './host.ts';
import type { HostKeyset } from './host-keyset.ts';
import { publicJwk, publishedAt, signingAt, type KeysetRecord } from './record.ts';
import type { Source, SourceFacts } from './source.ts';

/** A generated keyset, or a set that was fetched. Times are seconds since the epoch. */
export interface KeyRow {
  readonly id: string;
  /** A name, or the URL it came from. */
  readonly name: string;
  /** Public JWKs. Symmetric keys have their `k`: they are all that verifies an HMAC. */
  readonly keys: readonly Jwk[];
  readonly previous: readonly Jwk[];
  readonly created_at: number;
  readonly updated_at: number;
}

type Jwk = Readonly<Record<string, unknown>>;

/** A set of a URL could not be loaded. */
export class ReloadError extends Error {}

export interface ReloadOptions {
  readonly basicAuth?: BasicAuth | undefined;
  readonly certificate?: Pick<OutboundTls, 'cert' | 'key'> | undefined;
}

export interface KeyAdmin {
  /** By name. Rejects with KeysetError, as all of these. */
  list(): Promise<readonly KeyRow[]>;
  find(idOrName: string): Promise<KeyRow | undefined>;
  /** Generates a keyset that is not there; gives it in any case. */
  generate(name: string): Promise<KeyRow>;
  /** New keys, or the document loaded again. Rejects with ReloadError when that fails. */
  rotate(idOrName: string, options?: ReloadOptions): Promise<KeyRow | undefined>;
  /** False when there is none. */
  remove(idOrName: string): Promise<boolean>;
  status(): KeyStatus;
}

/** The state of everything, for `GET /jwt-signer/status`. Times are seconds since the epoch. */
export interface KeyStatus {
  readonly store: { readonly place: string | null; readonly problem: string | null };
  readonly keysets: readonly KeysetStatus[];
  readonly sources: readonly SourceStatus[];
}

export interface KeysetStatus {
  readonly name: string;
  readonly id: string | null;
  /** `ready`; `failing`: the store fails, known keys still sign; `none`: nothing is signed. */
  readonly state: 'ready' | 'failing' | 'none';
  readonly problem: string | null;
  /** The `kid` that signs, by algorithm. */
  readonly signing: Readonly<Record<string, string>>;
  readonly published: number;
  readonly rotated_at: number | null;
}

export interface SourceStatus {
  readonly id: string;
  readonly name: string;
  readonly holds: SourceFacts['holds'];
  readonly state: SourceFacts['state'];
  readonly problem: string | null;
  readonly failures: number;
  readonly keys: number;
  readonly skipped: readonly string[];
  readonly checked_at: number | null;
  readonly updated_at: number | null;
}

/** Name space of the ids of fetched sets. */
const SOURCES = '6f2a6c1e-5d0c-4f5b-9f0b-6c7a6b0f3a11';
const sourceUuid = (source: Source): string => uuid5(SOURCES, source.id);
const seconds = (ms: number): number => Math.floor(ms / 1000);
const secondsOrNull = (ms: number | undefined): number | null =>
  ms === undefined ? null : seconds(ms);

type Found =
  | { readonly kind: 'keyset'; readonly keyset: HostKeyset; readonly record: KeysetRecord }
  | { readonly kind: 'source'; readonly source: Source };

export function createKeyAdmin(host: KeyHost): KeyAdmin {
  async function keysets(): Promise<Found[]> {
    const names = await host.store().list();
    const found = await Promise.all(names.map((name) => keysetOf(host, name)));
    return found.filter((one) => one !== undefined);
  }

  const sources = (): Found[] =>
    host
      .sources()
      .filter((source) => source.facts().keys.length > 0)
      .map((source) => ({ kind: 'source', source }));

  async function find(idOrName: string): Promise<Found | undefined> {
    const byName = await keysetOf(host, idOrName);
    if (byName !== undefined) return byName;
    const all = [...(await keysets()), ...sources()];
    return all.find((found) => {
      const { id, name } = rowOf(found);
      return id === idOrName || name === idOrName;
    });
  }

  return {
    async list() {
      const all = [...(await keysets()), ...sources()].map(rowOf);
      return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async find(idOrName) {
      const found = await find(idOrName);
      return found && rowOf(found);
    },
    async generate(name) {
      const keyset = host.keyset(name);
      await keyset.load();
      const { record, problem } = keyset.state();
      if (record === undefined) throw new KeysetError(problem ?? 'the keyset is not there');
      return keysetRow(record);
    },
    async rotate(idOrName, options) {
      const found = await find(idOrName);
      if (found === undefined) return undefined;
      if (found.kind === 'keyset') return keysetRow(await found.keyset.rotate());
      await reload(found.source, options);
      return sourceRow(found.source);
    },
    async remove(idOrName) {
      const found = await find(idOrName);
      if (found === undefined) return false;
      if (found.kind === 'keyset') return found.keyset.remove();
      found.source.forget();
      return true;
    },
    status: () => statusOf(host),
  };
}

/** As the store has it now. `undefined` for a name without a keyset. Rejects with KeysetError. */
async function keysetOf(
  host: KeyHost,
  name: string,
): Promise<Extract<Found, { kind: 'keyset' }> | undefined> {
  const isKnown = host.openKeysets().some((open) => open.name === name);
  const isStored = isKnown || (await host.store().list()).includes(name);
  if (!isStored) return undefined;
  const keyset = host.keyset(name);
  await keyset.check();
  const { record, problem } = keyset.state();
  if (record === undefined && problem !== undefined) throw new KeysetError(problem);
  return record && { kind: 'keyset', keyset, record };
}

async function reload(source: Source, options: ReloadOptions = {}): Promise<void> {
  const { basicAuth, certificate } = options;
  try {
    await source.reload({
      ...(basicAuth === undefined ? {} : { basicAuth }),
      ...(certificate === undefined ? {} : { tls: { verify: source.verifiesTls, ...certificate } }),
    });
  } catch (cause) {
    throw new ReloadError(reasonOf(cause), { cause });
  }
}

const rowOf = (found: Found): KeyRow =>
  found.kind === 'keyset' ? keysetRow(found.record) : sourceRow(found.source);

function keysetRow(record: KeysetRecord): KeyRow {
  const { keys, previous } = publishedAt(record, Date.now());
  return {
    id: record.id,
    name: record.name,
    keys: keys.map(publicJwk),
    previous: previous.map(publicJwk),
    created_at: seconds(record.createdAt),
    updated_at: seconds(record.updatedAt),
  };
}

function sourceRow(source: Source): KeyRow {
  const { name, keys, previous, createdAt, updatedAt } = source.facts();
  return {
    id: sourceUuid(source),
    name,
    keys: keys.filter(isJwk).map(publicJwk),
    previous: previous.filter(isJwk).map(publicJwk),
    created_at: seconds(createdAt),
    updated_at: seconds(updatedAt ?? createdAt),
  };
}

const isJwk = (value: unknown): value is Jwk => typeof value === 'object' && value !== null;

function statusOf(host: KeyHost): KeyStatus {
  return {
    store: storeStatus(host),
    keysets: host.openKeysets().map(keysetStatus),
    sources: host.sources().map(sourceStatus),
  };
}

function storeStatus(host: KeyHost): KeyStatus['store'] {
  try {
    return { place: host.store().place, problem: null };
  } catch (error) {
    return { place: null, problem: error instanceof Error ? error.message : 'an internal error' };
  }
}

function keysetStatus(keyset: HostKeyset): KeysetStatus {
  const { name, record, problem } = keyset.state();
  const now = Date.now();
  const signing = record === undefined ? [] : signingAt(record, now).keys;
  const failing = problem === undefined ? 'ready' : 'failing';
  return {
    name,
    id: record?.id ?? null,
    state: record === undefined ? 'none' : failing,
    problem: problem ?? null,
    signing: Object.fromEntries(signing.map(({ jwk }) => [jwk.alg, jwk.kid])),
    published: record === undefined ? 0 : publishedAt(record, now).keys.length,
    rotated_at: secondsOrNull(record?.rotatedAt),
  };
}

function sourceStatus(source: Source): SourceStatus {
  const { name, holds, state, problem, failures, keys, skipped, checkedAt, updatedAt } =
    source.facts();
  return {
    id: sourceUuid(source),
    name,
    holds,
    state,
    problem: problem ?? null,
    failures,
    keys: keys.length - skipped.length,
    skipped,
    checked_at: secondsOrNull(checkedAt),
    updated_at: secondsOrNull(updatedAt),
  };
}
