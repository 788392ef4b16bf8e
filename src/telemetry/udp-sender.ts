/** Datagrams to one server, from one socket per address family. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Logger } from '../log.ts';
import type { ResolveHost } from '../services.ts';
import { createDropLog } from './drops.ts';

export interface UdpTarget {
  readonly host: string;
  readonly port: number;
  /** For finding the address and handing the datagram to the system. Milliseconds. */
  readonly timeoutMs: number;
}

export interface UdpSender {
  /** Never throws; what cannot be sent is counted and said in the log. */
  send(text: string): void;
  /** Rejects with an Error when the system has not taken it in time. */
  deliver(text: string): Promise<void>;
  /** Waits for what is on its way to the system. */
  close(): Promise<void>;
}

/** Datagrams whose address is being looked for, or which the system has not taken yet. */
const PENDING_MAX = 10_000;

export function createUdpSender(target: UdpTarget, resolve: ResolveHost, log: Logger): UdpSender {
  const drops = createDropLog(log);
  const sockets = new Map<'udp4' | 'udp6', Socket>();
  const pending = new Set<Promise<void>>();

  function socketFor(ip: string): Socket {
    const type = isIPv6(ip) ? 'udp6' : 'udp4';
    const known = sockets.get(type);
    if (known !== undefined) return known;
    const made = createSocket(type);
    made.on('error', (error) => drops.dropped(1, error.message));
    made.unref();
    sockets.set(type, made);
    return made;
  }

  async function deliver(text: string): Promise<void> {
    const [address] = await resolve(target.host);
    if (address === undefined) throw new Error(`${target.host} has no address`);
    const socket = socketFor(address.ip);
    await new Promise<void>((done, fail) => {
      socket.send(text, target.port, address.ip, (error) => {
        if (error === null) done();
        else fail(error);
      });
    });
  }

  const deliverInTime = (text: string): Promise<void> =>
    withinTime(deliver(text), target.timeoutMs);

  return {
    deliver: deliverInTime,
    send(text) {
      if (pending.size >= PENDING_MAX) return drops.dropped(1, 'too many datagrams wait');
      const sent = deliverInTime(text)
        .catch((reason: unknown) =>
          drops.dropped(1, reason instanceof Error ? reason.message : String(reason)),
        )
        .finally(() => pending.delete(sent));
      pending.add(sent);
    },
    async close() {
      await Promise.all(pending);
      for (const socket of sockets.values()) socket.close();
      sockets.clear();
      drops.close();
    },
  };
}

async function withinTime(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('not sent in time')), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
