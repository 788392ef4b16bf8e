/** The key host of a node: every provider's keys and every generated keyset, for all processes of the node. */
import { KeysetError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Outbound } from '../services.ts';
import { generateKeys, type GenerateKeys } from './generate.ts';
import { createHostKeyset, type HostKeyset } from './host-keyset.ts';
import {
  sourceId,
  type ConnectKeys,
  type KeyCall,
  type KeyLink,
  type KeyState,
  type Lease,
  type SourceRequest,
} from './link.ts';
import { createSource, type Source } from './source.ts';
import { NAME_LENGTH_MAX, type KeyStore } from './store.ts';

/** How often open keysets are read again, should no notice of a change have come. */
const CHECK_MS = 5000;
/** Sources that nobody uses stay cached up to this number. */
const SOURCES_MAX = 256;

export interface KeyHostOptions {
  readonly outbound: Outbound;
  /** Called when the first keyset is wanted. Throws KeysetError. */
  readonly openStore: () => KeyStore;
  readonly log: Logger;
  /** Milliseconds that never go back; tests replace it. */
  readonly now?: () => number;
  /** Tests make keys that cost less. */
  readonly generate?: GenerateKeys;
}

export interface KeyHost {
  readonly connect: ConnectKeys;
  sources(): readonly Source[];
  /** Those in use. */
  openKeysets(): readonly HostKeyset[];
  /** Of any name; the store may not know it. Throws KeysetError. */
  keyset(name: string): HostKeyset;
  /** Throws KeysetError. */
  store(): KeyStore;
  close(): Promise<void>;
}

/** What is leased: by whom, and how often it is to be renewed. */
interface Leased {
  readonly target: Pick<HostKeyset, 'setPeriod' | 'stop'>;
  readonly everySeconds: number;
}

export function createKeyHost(options: KeyHostOptions): KeyHost {
  const { outbound, log, now = () => performance.now(), generate = generateKeys } = options;
  const sources = new Map<string, Source>();
  const keysets = new Map<string, HostKeyset>();
  const links = new Set<(state: KeyState) => void>();
  const leases = new Map<string, Leased>();
  let opened: KeyStore | undefined;
  let linked = 0;
  const onChange = (state: KeyState): void => {
    for (const tell of links) tell(state);
  };
  const checker = setInterval(() => checkAll(keysets), CHECK_MS);
  checker.unref();

  function store(): KeyStore {
    if (opened !== undefined) return opened;
    opened = options.openStore();
    opened.watch(() => checkAll(keysets));
    return opened;
  }

  function keyset(name: string): HostKeyset {
    if (name === '' || name.length > NAME_LENGTH_MAX) {
      throw new KeysetError(`the name of a keyset has 1 to ${NAME_LENGTH_MAX} characters`);
    }
    const own = { name, store: store(), log, onChange, now, generate };
    const known = keysets.get(name) ?? createHostKeyset(own);
    keysets.set(name, known);
    return known;
  }

  function source(request: SourceRequest): Source {
    const id = sourceId(request);
    const known = sources.get(id) ?? createSource({ request, outbound, log, onChange, now });
    sources.delete(id);
    sources.set(id, known);
    return known;
  }

  return {
    connect(onState) {
      linked += 1;
      const prefix = `${linked} `;
      links.add(onState);
      return createLink({ prefix, source, keyset, sources, leases }, () => links.delete(onState));
    },
    sources: () => [...sources.values()],
    openKeysets: () => [...keysets.values()],
    keyset,
    store,
    async close() {
      clearInterval(checker);
      for (const each of sources.values()) each.stop();
      await Promise.all([...keysets.values()].map((each) => each.close()));
      await opened?.close();
    },
  };
}

function checkAll(keysets: ReadonlyMap<string, HostKeyset>): void {
  for (const keyset of keysets.values()) void keyset.check();
}

interface LinkContext {
  readonly prefix: string;
  readonly source: (request: SourceRequest) => Source;
  readonly keyset: (name: string) => HostKeyset;
  readonly sources: Map<string, Source>;
  readonly leases: Map<string, Leased>;
}

function createLink(context: LinkContext, onClose: () => void): KeyLink {
  const { prefix, leases } = context;
  return {
    call: (call) => answer(call, context),
    close() {
      onClose();
      for (const id of leases.keys()) if (id.startsWith(prefix)) release(context, id);
    },
  };
}

async function answer(call: KeyCall, context: LinkContext): Promise<KeyState | undefined> {
  switch (call.op) {
    case 'open-source': {
      const source = context.source(call.request);
      take(context, call.lease, source);
      await source.load();
      return source.state();
    }
    case 'load-source':
      await context.sources.get(call.id)?.load();
      return context.sources.get(call.id)?.state();
    case 'refresh-source':
      await context.sources.get(call.id)?.refresh(call.seen);
      return context.sources.get(call.id)?.state();
    case 'open-keyset':
    case 'load-keyset':
      return openKeyset(call, context);
    case 'note':
      await context.keyset(call.name).note(call.kid, call.until);
      return undefined;
    case 'close':
      release(context, `${context.prefix}${call.lease}`);
      return undefined;
  }
}

async function openKeyset(
  call: Extract<KeyCall, { op: 'open-keyset' | 'load-keyset' }>,
  context: LinkContext,
): Promise<KeyState> {
  try {
    const keyset = context.keyset(call.name);
    if (call.op === 'open-keyset') take(context, call.lease, keyset);
    await keyset.load();
    return keyset.state();
  } catch (error) {
    const problem = error instanceof KeysetError ? error.message : 'an internal error';
    return { kind: 'keyset', name: call.name, problem };
  }
}

function take(context: LinkContext, lease: Lease, target: Leased['target']): void {
  context.leases.set(`${context.prefix}${lease.lease}`, {
    target,
    everySeconds: lease.everySeconds,
  });
  applyPeriod(context, target);
}

function release(context: LinkContext, id: string): void {
  const leased = context.leases.get(id);
  context.leases.delete(id);
  if (leased !== undefined) applyPeriod(context, leased.target);
  dropUnused(context);
}

/** The shortest period that anybody wants. */
function applyPeriod({ leases }: LinkContext, target: Leased['target']): void {
  const wanted = [...leases.values()].filter((leased) => leased.target === target);
  if (wanted.length === 0) {
    target.stop();
    return;
  }
  const periods = wanted.map(({ everySeconds }) => everySeconds).filter((seconds) => seconds > 0);
  target.setPeriod(periods.length === 0 ? 0 : Math.min(...periods));
}

/** The longest unused goes first. */
function dropUnused({ sources, leases }: LinkContext): void {
  if (sources.size <= SOURCES_MAX) return;
  const used = new Set([...leases.values()].map(({ target }) => target));
  for (const [id, source] of sources) {
    if (sources.size <= SOURCES_MAX) return;
    if (used.has(source)) continue;
    source.stop();
    sources.delete(id);
  }
}
