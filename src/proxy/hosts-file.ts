/** The hosts file (hosts(5)): names that are known without asking anybody. */
import { readFileSync, statSync } from 'node:fs';
import { stat, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Logger } from '../log.ts';

/** Larger files are ignored: a hosts file is written by a person or a container runtime. */
const BYTES_MAX = 1024 * 1024;
/** How old the knowledge about the file's time stamp may be. */
const RECHECK_MS = 5_000;

/** The addresses of one name, in the order of the file. */
export interface HostsEntry {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

export interface HostsFile {
  /** `name` in lower case. Never waits; a changed file is noticed within seconds of a lookup. */
  lookup(name: string, now: number): HostsEntry | undefined;
}

interface MutableEntry {
  readonly ipv4: string[];
  readonly ipv6: string[];
}

/** RFC 6761 section 6.3: these names never leave the machine, whatever the file says or lacks. */
const LOCALHOST: HostsEntry = { ipv4: ['127.0.0.1'], ipv6: ['::1'] };

/** Unknown addresses and empty lines are passed over; `#` starts a comment. */
export function parseHosts(text: string): ReadonlyMap<string, HostsEntry> {
  const entries = new Map<string, MutableEntry>();
  for (const line of text.split('\n')) {
    const [ip = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(ip);
    if (family === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const entry = entries.get(key) ?? { ipv4: [], ipv6: [] };
      entries.set(key, entry);
      const list = family === 4 ? entry.ipv4 : entry.ipv6;
      if (!list.includes(ip)) list.push(ip);
    }
  }
  return entries;
}

/** Reads the file now and again whenever it changed. A file that cannot be read counts as empty. */
export function openHostsFile(path: string, log: Logger): HostsFile {
  let seenMs = 0;
  let entries: ReadonlyMap<string, HostsEntry> = new Map();
  let checkedAt = 0;
  let checking = false;
  try {
    const { mtimeMs, size } = statSync(path);
    if (size <= BYTES_MAX) entries = parseHosts(readFileSync(path, 'utf8'));
    seenMs = mtimeMs;
  } catch (error) {
    log.warn({ err: error, path }, 'the hosts file cannot be read');
  }

  async function recheck(): Promise<void> {
    const { mtimeMs, size } = await stat(path);
    if (mtimeMs === seenMs) return;
    if (size <= BYTES_MAX) entries = parseHosts(await readFile(path, 'utf8'));
    seenMs = mtimeMs;
  }

  return {
    lookup(name, now) {
      if (checkedAt === 0) checkedAt = now;
      if (!checking && now - checkedAt >= RECHECK_MS) {
        checking = true;
        checkedAt = now;
        recheck()
          // The last good content stays; the next check tries again.
          .catch((error: unknown) => log.debug({ err: error, path }, 'hosts file not re-read'))
          .finally(() => (checking = false));
      }
      return entries.get(name) ?? (isLocalhost(name) ? LOCALHOST : undefined);
    },
  };
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}
