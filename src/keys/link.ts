/**
 * Between the processes that use keys and the one that has them. A node has one key host, in its
 * primary process: it alone calls providers and opens the store. Every process that proxies has a link.
 * What goes over it is plain data.
 */
import { createHash } from 'node:crypto';
import type { KeySourceSpec } from '../services.ts';
import type { KeysetRecord } from './record.ts';

/** A provider, and what is wanted of it: keys that verify, or private keys to sign with. */
export interface SourceRequest {
  readonly spec: KeySourceSpec;
  readonly holds: 'public' | 'private';
}

/** Equal for specs that lead to the same document in the same way; tells nothing of its parts. */
export function sourceId({ spec, holds }: SourceRequest): string {
  const { kind, url, basicAuth, tls } = spec;
  const identity = JSON.stringify([holds, kind, url, basicAuth, tls]);
  return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}

/** One user of a source or keyset: what it wants of the host while it is there. */
export interface Lease {
  /** Unique among the leases of its link. */
  readonly lease: string;
  /** Reload or rotate so often; 0: only when asked. Seconds. */
  readonly everySeconds: number;
}

export type KeyCall =
  /** The host begins to load; the state follows. */
  | { readonly op: 'open-source'; readonly request: SourceRequest; readonly lease: Lease }
  | { readonly op: 'load-source'; readonly id: string }
  | { readonly op: 'refresh-source'; readonly id: string; readonly seen: number }
  | { readonly op: 'open-keyset'; readonly name: string; readonly lease: Lease }
  | { readonly op: 'load-keyset'; readonly name: string }
  /** Tokens of the key are valid until then (seconds): it stays published so long. */
  | { readonly op: 'note'; readonly name: string; readonly kid: string; readonly until: number }
  | { readonly op: 'close'; readonly lease: string };

export interface SourceState {
  readonly kind: 'source';
  readonly id: string;
  readonly version: number;
  /** The text of a JWK set; `undefined` while there is none that may be used. */
  readonly document?: string | undefined;
  /** The set before, while it may be used. */
  readonly previous?: string | undefined;
  readonly issuer?: string | undefined;
}

export interface KeysetState {
  readonly kind: 'keyset';
  readonly name: string;
  /** `undefined`: deleted, or not to be had (`problem` says why). */
  readonly record?: KeysetRecord | undefined;
  readonly problem?: string | undefined;
}

export type KeyState = SourceState | KeysetState;

/** One process' way to the host. */
export interface KeyLink {
  /** Resolves with the state after the call. Rejects only when the host cannot be reached. */
  call(call: KeyCall): Promise<KeyState | undefined>;
  close(): void;
}

/** Makes a link; the host pushes every state that changes, asked for or not. */
export type ConnectKeys = (onState: (state: KeyState) => void) => KeyLink;

/** For processes that only check configs: nothing is loaded, generated or stored. */
export const connectNowhere: ConnectKeys = () => ({
  call: () => Promise.resolve(undefined),
  close() {},
});
