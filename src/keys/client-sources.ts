/** Providers' keys in a process that proxies: what the host told, made ready for verification once per version. */
import type { KeySource, KeySourceSpec, SourceKeys } from '../services.ts';
import { readJwkSet, type VerificationKey } from '../tokens/jwk-set.ts';
import { parseJson } from '../http/json.ts';
import {
  sourceId,
  type KeyCall,
  type KeyLink,
  type KeyState,
  type SourceRequest,
  type SourceState,
} from './link.ts';

/** A document as the host last told it; shared by all users of a source in this process. */
export interface SourceEntry {
  readonly id: string;
  users: number;
  state: SourceState | undefined;
  /** The call that opened it, until its answer. */
  opening: Promise<unknown> | undefined;
  keys: SourceKeys | undefined;
}

export interface SourceEntries {
  /** Tells the host that somebody uses the source so often. */
  open(request: SourceRequest, everySeconds: number): OpenedSource;
  onState(state: SourceState): void;
}

export interface OpenedSource {
  readonly entry: SourceEntry;
  /** Waits for the first answer, or asks. */
  load(): Promise<void>;
  refresh(seen: number): Promise<void>;
  close(): void;
}

export function createSourceEntries(link: () => KeyLink): SourceEntries {
  const entries = new Map<string, SourceEntry>();
  let leased = 0;

  async function ask(call: KeyCall): Promise<void> {
    const state = await link()
      .call(call)
      .catch((): KeyState | undefined => undefined);
    if (state?.kind === 'source') onState(state);
  }

  function onState(state: SourceState): void {
    const entry = entries.get(state.id);
    // Answers and pushes may overtake each other.
    if (entry === undefined || (entry.state?.version ?? 0) > state.version) return;
    const isSame =
      entry.state?.document === state.document && entry.state?.previous === state.previous;
    entry.state = state;
    if (!isSame) entry.keys = undefined;
  }

  return {
    onState,
    open(request, everySeconds) {
      const id = sourceId(request);
      const entry = entries.get(id) ?? {
        id,
        users: 0,
        state: undefined,
        opening: undefined,
        keys: undefined,
      };
      entries.set(id, entry);
      entry.users += 1;
      leased += 1;
      const lease = { lease: `s${leased}`, everySeconds };
      const opening = ask({ op: 'open-source', request, lease });
      entry.opening = opening;
      return {
        entry,
        async load() {
          await opening;
          if (entry.state?.document === undefined) await ask({ op: 'load-source', id });
        },
        refresh: (seen) => ask({ op: 'refresh-source', id, seen }),
        close() {
          void ask({ op: 'close', lease: lease.lease });
          entry.users -= 1;
          if (entry.users === 0) entries.delete(id);
        },
      };
    },
  };
}

/** A source of keys that verify. */
export function openKeySource(entries: SourceEntries, spec: KeySourceSpec): KeySource {
  const source = entries.open({ spec, holds: 'public' }, spec.refreshSeconds ?? 0);
  const { entry } = source;
  const current = (): SourceKeys | undefined => {
    entry.keys ??= keysOf(entry.state);
    return entry.keys;
  };
  return {
    name: nameOf(spec.url),
    current,
    async load() {
      if (current() === undefined) await source.load();
      return current();
    },
    async refresh(seen) {
      // Another worker's question may have brought newer ones already.
      if (current() === seen || seen === undefined) await source.refresh(seen?.version ?? 0);
      return current();
    },
    close: () => source.close(),
  };
}

/** Without user info and query. */
function nameOf(url: string): string {
  if (!URL.canParse(url)) return 'not a URL';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function keysOf(state: SourceState | undefined): SourceKeys | undefined {
  if (state?.document === undefined) return undefined;
  const { document, previous, version, issuer } = state;
  return { keys: readKeys(document), previous: readKeys(previous), version, issuer };
}

function readKeys(text: string | undefined): readonly VerificationKey[] {
  if (text === undefined) return [];
  const set = readJwkSet(parseJson(Buffer.from(text))?.value);
  return 'keys' in set ? set.keys : [];
}
