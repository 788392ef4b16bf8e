/** Two connections that become one: bytes, back-pressure, half-closes and resets pass both ways. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

export interface TunnelEnd {
  /** Bytes sent to the upstream and to the client after the heads. */
  readonly upstreamBytes: number;
  readonly clientBytes: number;
  readonly reason: 'closed' | 'client-reset' | 'upstream-reset' | 'timeout';
}

export interface TunnelTimeouts {
  /** Longest time without a byte in either direction (nginx' `proxy_read_timeout` on a tunnel). */
  readonly idleMs: number;
  /** Longest time the upstream may refuse to take more. */
  readonly writeMs: number;
}

export interface TunnelSides {
  readonly client: Duplex;
  readonly upstream: Socket;
}

/** Joins until both sides are closed. Never rejects. */
export function joinStreams(sides: TunnelSides, timeouts: TunnelTimeouts): Promise<TunnelEnd> {
  const { client, upstream } = sides;
  return new Promise((resolve) => {
    let reason: TunnelEnd['reason'] = 'closed';
    let open = 2;
    const idle = setTimeout(onTimeout, timeouts.idleMs);
    let blocked: NodeJS.Timeout | undefined;
    const touch = (): void => void idle.refresh();

    const toUpstream = pump(client, upstream, {
      onData: touch,
      onBlocked: () => (blocked = setTimeout(onTimeout, timeouts.writeMs)),
      onDrained: () => clearTimeout(blocked),
    });
    const toClient = pump(upstream, client, { onData: touch });
    watch(client, upstream, 'client-reset');
    watch(upstream, client, 'upstream-reset');

    function onTimeout(): void {
      if (reason === 'closed') reason = 'timeout';
      client.destroy();
      upstream.destroy();
    }
    /** A side that goes without a proper end takes the other one with it. */
    function watch(side: Duplex, other: Duplex, ifReset: TunnelEnd['reason']): void {
      // 'close' follows and does the work; unheard, an 'error' would end the process.
      side.on('error', () => {});
      const onClose = (): void => {
        if (!side.readableEnded || !side.writableFinished) {
          if (reason === 'closed') reason = ifReset;
          reset(other);
        }
        open -= 1;
        if (open === 0) finish();
      };
      if (side.closed) queueMicrotask(onClose);
      else side.once('close', onClose);
    }
    function finish(): void {
      clearTimeout(idle);
      clearTimeout(blocked);
      resolve({ upstreamBytes: toUpstream.bytes, clientBytes: toClient.bytes, reason });
    }
  });
}

interface PumpEvents {
  readonly onData: () => void;
  readonly onBlocked?: () => void;
  readonly onDrained?: () => void;
}

/** Copies one direction; the end of `from` is the end of what `to` gets, nothing more. */
function pump(from: Duplex, to: Duplex, events: PumpEvents): { readonly bytes: number } {
  const sent = { bytes: 0 };
  from.on('data', (chunk: Buffer) => {
    events.onData();
    if (to.destroyed || to.writableEnded) return;
    sent.bytes += chunk.length;
    if (to.write(chunk)) return;
    from.pause();
    events.onBlocked?.();
  });
  to.on('drain', () => {
    events.onDrained?.();
    from.resume();
  });
  const onEnd = (): void => {
    if (!to.destroyed) to.end();
  };
  if (from.readableEnded) onEnd();
  else from.once('end', onEnd);
  return sent;
}

/** A TCP reset where that can be sent, so that the other end can tell a broken tunnel from a closed one. */
function reset(side: Duplex): void {
  if (side.destroyed) return;
  if (side instanceof Socket && !(side instanceof TLSSocket)) side.resetAndDestroy();
  else side.destroy();
}
