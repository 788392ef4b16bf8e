/** One worker process as the primary sees it: what is said to it, and what it answers. */
import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:cluster';
import type { AddressInfo } from 'node:net';
import type { KeyLink } from '../keys/link.ts';
import type { WorkerStatus } from './data-plane.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

export interface Member {
  readonly worker: Worker;
  readonly waiting: Set<(message: ToPrimary | undefined) => void>;
  /** What waits for the worker's hello; absent afterwards. */
  outbox: ToWorker[] | undefined;
  addresses: readonly AddressInfo[];
  status: WorkerStatus | undefined;
  version: number;
  /** The worker's way to the key host. */
  readonly keys: KeyLink;
}

/** What is said before the worker's hello waits for it. */
export function tell(member: Member, message: ToWorker): void {
  if (member.outbox !== undefined) {
    member.outbox.push(message);
    return;
  }
  if (!member.worker.isConnected()) return;
  // A worker that dies meanwhile is noticed by its exit.
  member.worker.send(message, () => undefined);
}

/** The next message that `isIt`, or `undefined` when the worker is gone. */
export function answer(
  member: Member,
  isIt: (message: ToPrimary) => boolean,
): Promise<ToPrimary | undefined> {
  if (member.worker.isDead()) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const look = (message: ToPrimary | undefined): void => {
      if (message !== undefined && !isIt(message)) return;
      member.waiting.delete(look);
      resolve(message);
    };
    member.waiting.add(look);
  });
}

interface Question {
  readonly isIt: (message: ToPrimary) => boolean;
  readonly withinMs: number;
  /** Told of a worker that is about to be ended. */
  readonly onLate?: (process: ChildProcess) => void;
}

/** Says something and waits for what `isIt`. A worker that takes longer is ended. */
export async function ask(
  member: Member,
  message: ToWorker,
  { isIt, withinMs, onLate }: Question,
): Promise<ToPrimary | undefined> {
  const { process } = member.worker;
  const reply = answer(member, isIt);
  tell(member, message);
  const killer = setTimeout(() => {
    onLate?.(process);
    process.kill('SIGKILL');
  }, withinMs);
  const found = await reply;
  clearTimeout(killer);
  return found;
}
