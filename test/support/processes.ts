/** What a running process holds, read from Linux' /proc. */
import { readdirSync, readlinkSync } from 'node:fs';

const POLL_MS = 50;
const SETTLE_TIMEOUT_MS = 10_000;

/** The number of sockets a process has open, its listeners included. */
export function countSockets(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false; // closed since it was listed
    }
  }).length;
}

/** Polls until `read` gives at most `limit`; resolves with the last value either way. Sockets close in their own time. */
export async function settleBelow(read: () => number, limit: number): Promise<number> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  while (read() > limit && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return read();
}
