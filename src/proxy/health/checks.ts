/** An upstream's `healthchecks`, and what statuses and failures mean by them. */
import type { Upstream } from '../../config/types.ts';
import type { ProxyErrorCode } from '../../errors.ts';
import type { AddressRecord, UpstreamBoard } from './board.ts';

export type ActiveChecks = Upstream['healthchecks']['active'];
type PassiveChecks = Upstream['healthchecks']['passive'];

/** Hears what became of requests to an address, and tells the board. */
export interface Watch {
  answered(record: AddressRecord, status: number): void;
  failed(record: AddressRecord, code: ProxyErrorCode, isLast: boolean): void;
}

/** How a probe or a request ended, as far as health is concerned. */
export type Finding =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'success' | 'tcp' | 'timeout' };

/** Of an answer without a status line. */
export const NO_STATUS = 0;

export const isProbed = ({ healthy, unhealthy }: ActiveChecks): boolean =>
  healthy.interval > 0 || unhealthy.interval > 0;

/** Kong: without any of these nobody watches the targets, and nothing can be marked. */
export function isWatched({ healthchecks }: Upstream): boolean {
  const { tcp_failures, timeouts, http_failures } = healthchecks.passive.unhealthy;
  return isProbed(healthchecks.active) || tcp_failures > 0 || timeouts > 0 || http_failures > 0;
}

/** The passive checks of an upstream. */
export function watchPassively({ healthchecks }: Upstream, board: UpstreamBoard): Watch {
  const { passive, active } = healthchecks;
  const note = reporter(passive, board);
  // Where probes decide, traffic that goes well without a limit of its own does not outvote them.
  const hearsSuccess = passive.healthy.successes > 0 || !isProbed(active);
  const failures: ReadonlySet<number> = new Set(passive.unhealthy.http_statuses);
  return {
    answered(record, status) {
      if (status === 504) note(record, { kind: 'timeout' });
      else if (hearsSuccess || failures.has(status)) note(record, { kind: 'status', status });
    },
    failed(record, code, isLast) {
      if (code === 'ERR_CLIENT_ABORTED') return;
      const isTimeout = code === 'ERR_UPSTREAM_TIMEOUT';
      note(record, { kind: isTimeout ? 'timeout' : 'tcp' });
      // The client gets a 502 for the last failure, and Kong counts that by `http_statuses` too.
      if (isLast && !isTimeout && failures.has(502)) note(record, { kind: 'status', status: 502 });
    },
  };
}

/** Turns findings into observations with the limits of `checks`. A status in neither list says nothing. */
export function reporter(
  checks: Pick<PassiveChecks, 'healthy' | 'unhealthy'> | ActiveChecks,
  board: UpstreamBoard,
): (record: AddressRecord, finding: Finding) => void {
  const { healthy, unhealthy } = checks;
  const good: ReadonlySet<number> = new Set(healthy.http_statuses);
  const bad: ReadonlySet<number> = new Set(unhealthy.http_statuses);
  return (record, finding) => {
    switch (finding.kind) {
      case 'success':
        return board.observe(record, 'success', healthy.successes);
      case 'tcp':
        return board.observe(record, 'tcp', unhealthy.tcp_failures);
      case 'timeout':
        return board.observe(record, 'timeout', unhealthy.timeouts);
      case 'status':
        if (good.has(finding.status)) board.observe(record, 'success', healthy.successes);
        else if (bad.has(finding.status) || finding.status === NO_STATUS)
          board.observe(record, 'http', unhealthy.http_failures);
    }
  };
}
