/** The three timeouts that Kong's reporting plugins have, as an outgoing call takes them. */
import type { OutboundRequest } from '../services.ts';

export interface TimeoutConfig {
  /** Milliseconds. */
  readonly connect_timeout: number;
  readonly send_timeout: number;
  readonly read_timeout: number;
}

/** What 0 stands for in OpenResty. */
const DEFAULT_MS = 60_000;

/** With a limit of the whole that only a server can reach that sends and takes in drops. */
export function partTimeouts(
  config: TimeoutConfig,
): Pick<OutboundRequest, 'partTimeouts' | 'timeoutMs'> {
  const connectMs = config.connect_timeout || DEFAULT_MS;
  const sendMs = config.send_timeout || DEFAULT_MS;
  const readMs = config.read_timeout || DEFAULT_MS;
  return {
    partTimeouts: { connectMs, sendMs, readMs },
    timeoutMs: connectMs + 10 * (sendMs + readMs),
  };
}
