/** One new connection to an upstream address, plain or TLS; pools and tunnels both use it. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ProxyError } from '../errors.ts';
import { defaultMessage } from '../http/error-body.ts';
import { checkPeer, secureContextOf, sniOf } from './tls.ts';
import type { Peer, UpstreamTls } from './types.ts';

/** Kong's texts for a failed upstream. */
export const BAD_UPSTREAM = defaultMessage(502);
export const SLOW_UPSTREAM = defaultMessage(504);

const KEEPALIVE_PROBE_DELAY_MS = 60_000;

export interface ConnectTarget {
  readonly peer: Peer;
  readonly tls: UpstreamTls | undefined;
  /** Name for the handshake and the certificate; the peer's hostname if absent. */
  readonly serverName: string | undefined;
  /** For TCP and TLS together. */
  readonly timeoutMs: number;
  /** True keeps our side open after the upstream closed its own (tunnels). */
  readonly allowHalfOpen: boolean;
  /** What is offered in the TLS handshake (RFC 7301); absent: HTTP/1.1. */
  readonly protocol?: 'h2';
}

export type Connected = (...outcome: [null, Socket] | [ProxyError, null]) => void;

/**
 * Connects, shakes hands and verifies; calls back exactly once, never synchronously with a socket.
 * The error is ERR_UPSTREAM_CONNECT, or ERR_UPSTREAM_TIMEOUT after `timeoutMs`; in both cases
 * nothing was sent. The socket that is returned may be destroyed at any time to give up.
 */
export function connectUpstream(target: ConnectTarget, done: Connected): Socket | undefined {
  let socket: Socket;
  try {
    socket = target.tls === undefined ? openTcp(target) : openTls(target, target.tls);
  } catch (cause) {
    // A key or certificate that OpenSSL does not take.
    queueMicrotask(() =>
      done(new ProxyError('ERR_UPSTREAM_CONNECT', BAD_UPSTREAM, { cause }), null),
    );
    return undefined;
  }
  const timer = setTimeout(() => {
    socket.destroy();
    fail(new ProxyError('ERR_UPSTREAM_TIMEOUT', SLOW_UPSTREAM));
  }, target.timeoutMs);
  const onError = (cause: unknown): void => {
    fail(new ProxyError('ERR_UPSTREAM_CONNECT', BAD_UPSTREAM, { cause }));
  };
  const onClose = (): void => onError(undefined);
  socket.once('error', onError).once('close', onClose);
  socket.once(target.tls === undefined ? 'connect' : 'secureConnect', () => {
    settle();
    done(null, socket);
  });
  return socket;

  function settle(): void {
    clearTimeout(timer);
    socket.off('error', onError).off('close', onClose);
  }
  function fail(error: ProxyError): void {
    settle();
    // A socket that is being destroyed may still report why.
    socket.on('error', () => {});
    done(error, null);
  }
}

function openTcp(target: ConnectTarget): Socket {
  const { peer, allowHalfOpen } = target;
  return connectTcp({
    host: peer.ip,
    port: peer.port,
    allowHalfOpen,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_PROBE_DELAY_MS,
    // `peer.ip` is one address; there is no second family to try.
    autoSelectFamily: false,
  });
}

/** No session is resumed: a resumed handshake shows no chain, so name and depth would go unchecked. */
function openTls(target: ConnectTarget, tls: UpstreamTls): Socket {
  const serverName = target.serverName ?? target.peer.hostname;
  return connectTls({
    secureContext: secureContextOf(tls),
    servername: sniOf(serverName),
    rejectUnauthorized: tls.rejectUnauthorized,
    checkServerIdentity: (_name, leaf) => checkPeer(tls, serverName, leaf),
    ALPNProtocols: [target.protocol ?? 'http/1.1'],
    socket: openTcp(target),
  });
}
