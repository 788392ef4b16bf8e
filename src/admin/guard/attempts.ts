/** Failed tokens by address: who fails often is not listened to for a while. */
import { isIPv6 } from 'node:net';
import { plainAddress } from '../../http/client-address.ts';
import { createRecentMap } from '../../recent-map.ts';

/** So many failures in one window, and the rest of it is closed to the address. */
export const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
/** Addresses that are remembered. Who has more of them to try from is slowed, not stopped. */
const ADDRESSES_MAX = 10_000;
const ADDRESS_LENGTH_MAX = 64;

export interface Attempts {
  /** How long the address has to wait; 0 when it may try. */
  readonly waitMs: (address: string) => number;
  /** True when this failure is the one that closes the door. */
  readonly failed: (address: string) => boolean;
}

interface Window {
  readonly startedAt: number;
  failures: number;
}

/** @param now milliseconds of a clock that never goes back */
export function createAttempts(now: () => number): Attempts {
  const windows = createRecentMap<Window>({
    entriesMax: ADDRESSES_MAX,
    keyLengthsMax: ADDRESSES_MAX * ADDRESS_LENGTH_MAX,
  });
  const current = (network: string): Window | undefined => {
    const known = windows.get(network);
    return known !== undefined && now() - known.startedAt < WINDOW_MS ? known : undefined;
  };
  return {
    waitMs(address) {
      const known = current(networkOf(address));
      if (known === undefined || known.failures < FAILURES_MAX) return 0;
      return known.startedAt + WINDOW_MS - now();
    },
    failed(address) {
      const network = networkOf(address);
      const known = current(network) ?? { startedAt: now(), failures: 0 };
      known.failures += 1;
      windows.set(network, known);
      return known.failures === FAILURES_MAX;
    },
  };
}

/** One client: an IPv4 address, or the 64 bits of an IPv6 network, in which anybody has all the others. */
function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.replace(/%.*$/, '').split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...(tail === undefined ? [] : zeros), ...right].slice(0, 4).join(':');
}
