/** `silverback keys`: generated keysets, listed, made and rotated, in their store or through a running gateway. */
import { KeysetError } from '../../errors.ts';
import { isObject, parseJson } from '../../http/json.ts';
import { createKeyAdmin, type KeyAdmin } from '../../keys/admin.ts';
import { createKeyHost } from '../../keys/host.ts';
import { openStore } from '../../keys/open-store.ts';
import { SILENT } from '../../log.ts';
import { createOutbound } from '../../outbound/index.ts';
import {
  adminHeaders,
  print,
  printError,
  settingsFrom,
  type AdminFlags,
  type ExitCode,
} from './context.ts';

export interface KeysFlags extends AdminFlags {
  /** URL of the Admin API of a running gateway, instead of the store. */
  readonly admin?: string;
}

/** What is shown of a keyset. */
interface Shown {
  readonly name: string;
  readonly keys: readonly unknown[];
  readonly previous: readonly unknown[];
}

/** Every keyset with the kid that signs, by algorithm. */
export const listKeysCommand = (flags: KeysFlags): Promise<ExitCode> =>
  run(flags, async (keys) => {
    const rows = await keys.list();
    for (const row of rows) show(row);
    if (rows.length === 0)
      print('no keysets; the first token that is signed makes one, or: silverback keys generate');
  });

/** Makes the keyset if it is not there; never replaces one. */
export const generateKeysCommand = (name: string, flags: KeysFlags): Promise<ExitCode> =>
  run(flags, async (keys) => show(await keys.generate(name)));

/** The next keys sign from now on; the ones before stay published. */
export const rotateKeysCommand = (name: string, flags: KeysFlags): Promise<ExitCode> =>
  run(flags, async (keys) => {
    const row = await keys.rotate(name);
    if (row === undefined)
      throw new KeysetError(`there is no keyset ${name}; see: silverback keys list`);
    show(row);
  });

type Keys = {
  readonly list: () => Promise<readonly Shown[]>;
  readonly generate: (name: string) => Promise<Shown>;
  readonly rotate: (name: string) => Promise<Shown | undefined>;
};

async function run(flags: KeysFlags, work: (keys: Keys) => Promise<void>): Promise<ExitCode> {
  const { keys, close } = flags.admin === undefined ? offline(flags) : remote(flags.admin, flags);
  try {
    await work(keys);
    return 0;
  } catch (error) {
    if (!(error instanceof KeysetError)) throw error;
    printError(`silverback: ${error.message}`);
    return 1;
  } finally {
    await close();
  }
}

interface Opened {
  readonly keys: Keys;
  readonly close: () => Promise<void>;
}

/** The store itself: a gateway that runs sees a change within a second. */
function offline(flags: KeysFlags): Opened {
  const { settings } = settingsFrom(flags);
  const outbound = createOutbound({ resolve: () => [] });
  const host = createKeyHost({
    outbound,
    openStore: () => openStore(settings.data, SILENT),
    log: SILENT,
  });
  const admin: KeyAdmin = createKeyAdmin(host);
  return {
    keys: admin,
    async close() {
      await host.close();
      await outbound.close();
    },
  };
}

/** The Admin API; without another token that of the settings, which are the gateway's own. */
function remote(url: string, flags: KeysFlags): Opened {
  const headers = adminHeaders(flags, settingsFrom(flags).settings.adminToken);
  const base = url.replace(/\/$/, '');
  async function ask(method: string, path: string): Promise<unknown> {
    const answer = await fetch(`${base}${path}`, { method, headers }).catch((cause: unknown) => {
      throw new KeysetError(
        `nothing answers at ${base}; is the gateway running, with admin_listen on?`,
        { cause },
      );
    });
    const value = parseJson(Buffer.from(await answer.arrayBuffer()))?.value;
    if (answer.ok) return value;
    if (answer.status === 404) return undefined;
    const text = isObject(value) && typeof value['message'] === 'string' ? value['message'] : '';
    throw new KeysetError(`${base} answered ${answer.status}: ${text}`);
  }
  return {
    keys: {
      async list() {
        const value = await ask('GET', '/jwt-signer/jwks');
        const rows: unknown = isObject(value) ? value['data'] : undefined;
        return Array.isArray(rows) ? rows.map((row) => shownOf(row)) : [];
      },
      generate: async (name) => shownOf(await ask('PUT', pathOf(name)), name),
      async rotate(name) {
        const value = await ask('POST', `${pathOf(name)}/rotate`);
        return value === undefined ? undefined : shownOf(value, name);
      },
    },
    close: () => Promise.resolve(),
  };
}

const pathOf = (name: string): string => `/jwt-signer/jwks/${encodeURIComponent(name)}`;

function shownOf(value: unknown, name?: string): Shown {
  const { keys, previous, name: own } = isObject(value) ? value : {};
  return {
    name: name ?? String(own),
    keys: Array.isArray(keys) ? keys : [],
    previous: Array.isArray(previous) ? previous : [],
  };
}

/** The first key of an algorithm is the one that signs. */
function show({ name, keys, previous }: Shown): void {
  print(`${name}  ${keys.length} keys published, ${previous.length} of them retired last`);
  const seen = new Set<unknown>();
  for (const key of keys) {
    const { alg, kid } = isObject(key) ? key : {};
    if (seen.has(alg)) continue;
    seen.add(alg);
    print(`  ${textOf(alg).padEnd(6)} ${textOf(kid)}`);
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '?');
