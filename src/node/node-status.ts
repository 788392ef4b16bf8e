/** The process at one moment, as the Admin and Status API tell it. */
import type { NodeStatus, Readiness } from '../admin/index.ts';
import type { ConfigManager } from './config-manager.ts';
import type { DataPlane } from './data-plane.ts';

/** What serves. */
export interface ServingParts {
  readonly dataPlane: DataPlane;
  readonly manager: ConfigManager;
  readonly isDraining: boolean;
}

export function nodeStatus(parts: ServingParts): NodeStatus {
  const workers = parts.dataPlane.status();
  const sum = (of: 'accepted' | 'active' | 'writing' | 'requests'): number =>
    workers.reduce((total, worker) => total + worker[of], 0);
  const ended = parts.dataPlane.ended();
  const accepted = ended.accepted + sum('accepted');
  const active = sum('active');
  const writing = sum('writing');
  return {
    pids: { master: process.pid, workers: workers.map(({ pid }) => pid) },
    connections: {
      accepted,
      handled: accepted,
      active,
      reading: 0,
      writing,
      waiting: Math.max(0, active - writing),
      requests: ended.requests + sum('requests'),
    },
    memory: workers.map(({ pid, heapUsedBytes }) => ({ pid, heapUsedBytes })),
    readiness: readiness(parts),
  };
}

function readiness({ isDraining, manager, dataPlane }: ServingParts): Readiness {
  if (isDraining) return { kind: 'draining' };
  if (/^0+$/.test(manager.config().hash)) return { kind: 'empty' };
  const workers = dataPlane.status();
  const ready = workers.filter((worker) => worker.ready).length;
  if (ready === workers.length && ready > 0) return { kind: 'ready' };
  return { kind: 'building', ready, workers: workers.length };
}
