/** A worker's way to the key host, which is in the primary: calls with numbers, answers, and news. */
import type { ConnectKeys, KeyState } from '../keys/link.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

export interface WorkerKeys {
  readonly connect: ConnectKeys;
  /** True when the message was about keys. */
  receive(message: ToWorker): boolean;
}

export function createWorkerKeys(tell: (message: ToPrimary) => void): WorkerKeys {
  const waiting = new Map<number, (state: KeyState | undefined) => void>();
  const listeners = new Set<(state: KeyState) => void>();
  let calls = 0;
  return {
    connect(onState) {
      listeners.add(onState);
      return {
        call(call) {
          calls += 1;
          const id = calls;
          return new Promise((resolve) => {
            waiting.set(id, resolve);
            tell({ kind: 'key-call', id, call });
          });
        },
        close: () => void listeners.delete(onState),
      };
    },
    receive(message) {
      if (message.kind === 'key-state') {
        for (const listener of listeners) listener(message.state);
        return true;
      }
      if (message.kind !== 'key-answer') return false;
      waiting.get(message.id)?.(message.state);
      waiting.delete(message.id);
      return true;
    },
  };
}
