/** The body of an outgoing call, long ones in pieces so that a server that stops to read is noticed. */
import { Readable } from 'node:stream';
import { OutboundError } from '../errors.ts';

/** What the system takes without a server that reads: less than that cannot stall. */
const PIECE_BYTES = 64 * 1024;

export interface BodyOptions {
  readonly body: string | Uint8Array | undefined;
  readonly headers: string[];
  readonly signal: AbortSignal;
  /** Milliseconds between two pieces that are taken; 0: no limit. */
  readonly sendMs: number;
}

/** These parts of a call as undici takes them. */
export function bodyFor({ body, headers, signal, sendMs }: BodyOptions): {
  readonly body: string | Uint8Array | Readable | null;
  readonly headers: string[];
  readonly signal: AbortSignal;
} {
  if (body === undefined) return { body: null, headers, signal };
  if (sendMs === 0 || body.length <= PIECE_BYTES) return { body, headers, signal };
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const stalled = new AbortController();
  return {
    body: Readable.from(pieces(bytes, sendMs, stalled)),
    headers: [...headers, 'content-length', String(bytes.length)],
    signal: AbortSignal.any([signal, stalled.signal]),
  };
}

/** Gives the call up when the next piece is not asked for in time. */
async function* pieces(
  bytes: Uint8Array,
  sendMs: number,
  stalled: AbortController,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const timer = setTimeout(
      () => stalled.abort(new OutboundError('ERR_OUTBOUND_TIMEOUT', 'not sent in time')),
      sendMs,
    );
    try {
      yield bytes.subarray(at, at + PIECE_BYTES);
    } finally {
      clearTimeout(timer);
    }
  }
}
