/** Generated keysets in a process that proxies: as the host last told them, ready to sign. */
import { KeysetError } from '../errors.ts';
import type { Keyset, KeysetSpec, PublicSet, SigningKey } from '../services.ts';
import type { Algorithm } from '../tokens/algorithms.ts';
import type { MakerFor } from '../tokens/sign.ts';
import type { KeyCall, KeyLink, KeysetState } from './link.ts';
import { publishedAt, signingAt, type KeysetRecord } from './record.ts';
import { toPublicSet, toSigningKey } from './signing-key.ts';

/** Which key signs changes with the clock, and no news comes then: the published order follows soon. */
const PUBLISHED_MS = 1000;
const KEYS_MAX = 64;

export interface NamedKeysets {
  open(spec: Extract<KeysetSpec, { kind: 'named' }>): Keyset;
  onState(state: KeysetState): void;
}

export function createNamedKeysets(link: () => KeyLink, makerFor: MakerFor): NamedKeysets {
  const entries = new Map<string, NamedEntry>();
  let leased = 0;
  return {
    onState: (state) => entries.get(state.name)?.accept(state),
    open({ name, rotateSeconds }) {
      const entry = entries.get(name) ?? new NamedEntry(name, link, makerFor);
      entries.set(name, entry);
      entry.users += 1;
      leased += 1;
      const lease = { lease: `k${leased}`, everySeconds: rotateSeconds };
      const opening = entry.ask({ op: 'open-keyset', name, lease });
      return {
        name,
        signingKey: (algorithm) => entry.signingKey(algorithm, opening),
        publicSet: () => entry.publicSet(opening),
        close() {
          void entry.ask({ op: 'close', lease: lease.lease });
          entry.users -= 1;
          if (entry.users === 0) entries.delete(name);
        },
      };
    },
  };
}

interface Signer {
  readonly key: SigningKey;
  /** Milliseconds since the epoch between which it is the one that signs. */
  readonly from: number;
  readonly until: number;
}

/** One keyset; serves all its users in this process. */
class NamedEntry {
  users = 0;
  readonly #name: string;
  readonly #link: () => KeyLink;
  readonly #makerFor: MakerFor;
  readonly #signers = new Map<Algorithm, Signer>();
  /** By `kid`: a key stays the same object while others come and go. */
  readonly #keys = new Map<string, SigningKey>();
  #state: KeysetState | undefined;
  #published: { readonly set: PublicSet; readonly at: number } | undefined;

  constructor(name: string, link: () => KeyLink, makerFor: MakerFor) {
    this.#name = name;
    this.#link = link;
    this.#makerFor = makerFor;
  }

  accept(state: KeysetState): void {
    this.#state = state;
    this.#signers.clear();
    this.#published = undefined;
  }

  /** Never rejects: what cannot be had is missing afterwards. */
  async ask(call: KeyCall): Promise<void> {
    try {
      const state = await this.#link().call(call);
      if (state?.kind === 'keyset') this.accept(state);
    } catch {
      // The host is gone, and this process goes with it.
    }
  }

  signingKey(algorithm: Algorithm, opening: Promise<void>): SigningKey | Promise<SigningKey> {
    const known = this.#signers.get(algorithm);
    const now = Date.now();
    if (known !== undefined && now >= known.from && now < known.until) return known.key;
    const record = this.#state?.record;
    if (record !== undefined) return this.#signer(record, algorithm);
    return this.#load(opening).then((loaded) => this.#signer(loaded, algorithm));
  }

  publicSet(opening: Promise<void>): PublicSet | Promise<PublicSet> {
    const record = this.#state?.record;
    if (record !== undefined) return this.#publicSet(record);
    return this.#load(opening).then((loaded) => this.#publicSet(loaded));
  }

  async #load(opening: Promise<void>): Promise<KeysetRecord> {
    await opening;
    const name = this.#name;
    if (this.#state?.record === undefined) await this.ask({ op: 'load-keyset', name });
    const { record, problem } = this.#state ?? {};
    if (record !== undefined) return record;
    throw new KeysetError(problem ?? `keyset ${name} is not there`);
  }

  #signer(record: KeysetRecord, algorithm: Algorithm): SigningKey {
    const { keys, from, until } = signingAt(record, Date.now());
    const jwk = keys.find((key) => key.jwk.alg === algorithm)?.jwk;
    if (jwk === undefined)
      throw new KeysetError(`keyset ${this.#name} has no key for ${algorithm}`);
    const { kid } = jwk;
    const note = (time: number): void =>
      void this.ask({ op: 'note', name: this.#name, kid, until: time });
    const key =
      this.#keys.get(kid) ?? toSigningKey(jwk, algorithm, { makerFor: this.#makerFor, note });
    this.#keys.set(kid, key);
    this.#forget(record);
    this.#signers.set(algorithm, { key, from, until });
    return key;
  }

  /** Keys that are gone from the record. */
  #forget({ generations }: KeysetRecord): void {
    if (this.#keys.size <= KEYS_MAX) return;
    const known = new Set(generations.flatMap(({ keys }) => keys.map(({ jwk }) => jwk.kid)));
    for (const kid of this.#keys.keys()) if (!known.has(kid)) this.#keys.delete(kid);
  }

  #publicSet(record: KeysetRecord): PublicSet {
    const now = Date.now();
    const known = this.#published;
    if (known !== undefined && Math.abs(now - known.at) < PUBLISHED_MS) return known.set;
    const set = toPublicSet(publishedAt(record, now).keys);
    this.#published = { set: set.text === known?.set.text ? known.set : set, at: now };
    return this.#published.set;
  }
}
