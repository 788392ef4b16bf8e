/** The client's side of one exchange, the same for HTTP/1 and HTTP/2. Implemented by the server. */
import type { Duplex } from 'node:stream';
import type { HeaderList } from '../http/headers.ts';
import type { TlsFacts } from '../plugin.ts';
import type { IncomingRequest } from '../proxy/body.ts';

/** Facts of a connection that all its requests share. */
export interface ConnectionFacts {
  readonly address: string;
  /** The client's own; 0 when it is not known. */
  readonly remotePort: number;
  /** The address is one of `trusted_ips`. */
  readonly trusted: boolean;
  readonly scheme: 'http' | 'https';
  /** The listener's port, and the one `port_maps` says the world sees. */
  readonly port: number;
  readonly publicPort: number;
  /** TLS server name the client asked for. */
  readonly serverName: string | undefined;
  readonly tls: TlsFacts | undefined;
}

/** An upgrade to WebSocket that the client asks for. */
export interface UpgradeOffer {
  /** What the client sent after its head. */
  readonly head: Buffer;
}

/** A request and the means to answer it. */
export interface ClientExchange {
  readonly connection: ConnectionFacts;
  readonly request: IncomingRequest;
  readonly method: string;
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** As received, in latin1: origin-form, absolute-form or `*`. */
  readonly target: string;
  /** Owned by the exchange: edited in place. */
  readonly headers: HeaderList;
  /** Set for a WebSocket upgrade: then `releaseSocket` gives the connection away. */
  readonly upgrade: UpgradeOffer | undefined;
  /** Takes the connection from the server, for a tunnel. */
  releaseSocket(): Duplex | undefined;
  /** Tells a client that waits for `100 Continue` to go on. No-op otherwise. */
  continueRequest(): void;
  writeHead(status: number, headers: HeaderList): void;
  /** To be called before anything is written, by who will ask for `sentBytes`. */
  countSent(): void;
  /** Bytes written to the connection for this exchange, if that can be told. */
  sentBytes(): number | undefined;
  /** An answer without body and trailers: nothing follows. In HTTP/2 its head is its end. */
  writeWhole(status: number, headers: HeaderList): void;
  /** False when the client lags behind. */
  write(chunk: Buffer): boolean;
  /** Bytes accepted for the client and not yet taken by the system. */
  pendingBytes(): number;
  /** Runs once when the client has caught up. */
  onceDrained(listener: () => void): void;
  end(body: string | Uint8Array | undefined, trailers: HeaderList): void;
  /** Cuts the connection (HTTP/2: the stream): the client must know that the answer is not whole. */
  destroy(): void;
  /** Runs once when the answer is out or the client is gone; `finished` tells which. */
  onceClosed(listener: (finished: boolean) => void): void;
}
