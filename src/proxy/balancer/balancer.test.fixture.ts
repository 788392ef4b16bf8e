/** A resolver made of a table, Upstreams and Targets made by hand, and counting: for tests of peers and balancers. */
import assert from 'node:assert/strict';
import type { Target, Upstream } from '../../config/types.ts';
import { ProxyError } from '../../errors.ts';
import { SILENT } from '../../log.ts';
import { createHealthBoard } from '../health/board.ts';
import type { NameResolver, Peer, PeerSource, ResolvedAddress } from '../types.ts';
import { Balancer, type BalancerOptions } from './balancer.ts';

export type Answers = Map<string, readonly ResolvedAddress[] | Promise<readonly ResolvedAddress[]>>;

export function address(ip: string, rest: Partial<ResolvedAddress> = {}): ResolvedAddress {
  return { ip, port: undefined, weight: 1, name: undefined, ...rest };
}

export function resolverOf(answers: Answers): NameResolver & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolve(host) {
      asked.push(host);
      return (
        answers.get(host) ??
        Promise.reject(new ProxyError('ERR_NAME_RESOLUTION', 'name resolution failed'))
      );
    },
    close() {},
  };
}

export const UPSTREAM: Upstream = {
  id: 'u',
  name: 'pool.test',
  algorithm: 'round-robin',
  hash_on: 'none',
  hash_fallback: 'none',
  hash_on_header: null,
  hash_fallback_header: null,
  hash_on_cookie: null,
  hash_on_cookie_path: '/',
  hash_on_query_arg: null,
  hash_fallback_query_arg: null,
  hash_on_uri_capture: null,
  hash_fallback_uri_capture: null,
  slots: 10_000,
  host_header: null,
  client_certificate: null,
  use_srv_name: false,
  healthchecks: {
    threshold: 0,
    active: {
      type: 'http',
      timeout: 1,
      concurrency: 10,
      http_path: '/',
      https_sni: null,
      https_verify_certificate: true,
      headers: null,
      healthy: { interval: 0, successes: 0, http_statuses: [200] },
      unhealthy: {
        interval: 0,
        http_statuses: [500],
        tcp_failures: 0,
        timeouts: 0,
        http_failures: 0,
      },
    },
    passive: {
      type: 'http',
      healthy: { successes: 0, http_statuses: [200] },
      unhealthy: { http_statuses: [500], tcp_failures: 0, timeouts: 0, http_failures: 0 },
    },
  },
  tags: null,
  created_at: 0,
  updated_at: 0,
};

export function targetOf(target: string, weight = 100): Target {
  const reference = { id: UPSTREAM.id };
  return {
    id: target,
    target,
    weight,
    upstream: reference,
    tags: null,
    created_at: 0,
    updated_at: 0,
  };
}

/** A balancer over `UPSTREAM`; nothing resolves unless `rest` says so. */
export function balanced(targets: Target[], rest: Partial<BalancerOptions> = {}): Balancer {
  const resolver = resolverOf(new Map());
  const health = createHealthBoard({ log: SILENT });
  return new Balancer({ upstream: UPSTREAM, targets, resolver, health, ...rest });
}

/** How often each `ip:port` came up. */
export async function tally(source: PeerSource, picks: number): Promise<Record<string, number>> {
  const counts = new Map<string, number>();
  for (let i = 0; i < picks; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    const { ip, port } = await source.next([], '');
    counts.set(`${ip}:${port}`, (counts.get(`${ip}:${port}`) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

export function isPeer(answer: Peer | Promise<Peer>): asserts answer is Peer {
  assert.ok(!(answer instanceof Promise), 'answered synchronously');
}
