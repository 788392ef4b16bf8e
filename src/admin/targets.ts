/** Below an upstream: its targets as the balancer sees them, and their health. */
import { isIP } from 'node:net';
import { childrenOf, fieldOf, indexOf, type ConfigIndex, type Row } from './index-config.ts';
import { lookUp, lookUpChild } from './lookup.ts';
import { describe } from './entities.ts';
import { listBody, readSize } from './paging.ts';
import type { Handler } from './request.ts';
import { json, message, NOT_FOUND } from './response.ts';

const OFF = 'HEALTHCHECKS_OFF';

function numberOf(row: Row, field: string): number {
  const value = fieldOf(row, field);
  return typeof value === 'number' ? value : 0;
}

/** Targets that get traffic, the newest first. */
function effectiveTargets(index: ConfigIndex, upstreamId: string): readonly Row[] {
  return childrenOf(index, 'targets', 'upstream', upstreamId)
    .filter((row) => numberOf(row, 'weight') > 0)
    .toSorted((a, b) => {
      const age = numberOf(b, 'created_at') - numberOf(a, 'created_at');
      if (age !== 0) return age;
      return a.id < b.id ? 1 : -1;
    });
}

/** `GET /upstreams/{upstreams}/targets`; its offsets are positions, and a full last page is the last. */
export const listTargets: Handler = ({ params: [key = ''], query }, deps) => {
  const index = indexOf(deps.config());
  const upstream = lookUp(index, 'upstreams', key);
  if (upstream.kind !== 'found') return upstream.response;
  const size = readSize(query);
  if (typeof size !== 'number') return size.refusal;
  const targets = effectiveTargets(index, upstream.row.id);
  const given = Number(query.get('offset') ?? 0);
  const from = Number.isInteger(given) && given > 0 ? given : 0;
  const to = from + size;
  const page = {
    rows: targets.slice(from, to),
    offset: to < targets.length ? String(to) : undefined,
  };
  const path = `/upstreams/${encodeURIComponent(key)}/targets`;
  return json(
    200,
    listBody(page, (offset) => `${path}?offset=${offset}`),
  );
};

/** `a.test:80` and `[::1]:80` taken apart; the loader made sure that there is a port. */
function hostAndPort(target: string): { readonly host: string; readonly port: number } {
  const colon = target.lastIndexOf(':');
  return { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
}

function withHealth(row: Row): object {
  const { host, port } = hostAndPort(String(fieldOf(row, 'target')));
  const weight = numberOf(row, 'weight');
  const ip = host.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(ip) === 0 ? [] : [{ ip, port, weight, health: OFF }];
  const weights = { total: weight, available: weight, unavailable: 0 };
  return {
    ...row,
    health: OFF,
    data: { host, port, nodeWeight: weight, weight: weights, addresses },
  };
}

/**
 * `GET /upstreams/{upstreams}/health`. Configs with health checks are refused when they load, so
 * every target is in use and none is watched.
 */
export const readHealth: Handler = ({ params: [key = ''], query }, deps) => {
  const index = indexOf(deps.config());
  const upstream = lookUp(index, 'upstreams', key);
  if (upstream.kind !== 'found') return upstream.response;
  const { id } = upstream.row;
  const targets = effectiveTargets(index, id);
  const node = { next: null, node_id: deps.settings.nodeId };
  if (query.get('balancer_health') !== '1')
    return json(200, { data: targets.map(withHealth), ...node });
  const total = targets.reduce((sum, row) => sum + numberOf(row, 'weight'), 0);
  const details = {
    healthy: total > 0,
    weight: { total, available: total, unavailable: 0 },
    hosts: targets.map((row) => hostAndPort(String(fieldOf(row, 'target')))),
  };
  return json(200, { data: { id, health: OFF, balancer_health: OFF, details }, ...node });
};

/** PUT of `…/healthy` and `…/unhealthy`: nobody watches, so there is nothing to set. */
export const refuseHealth: Handler = ({ params: [key = '', target = ''] }, deps) => {
  const index = indexOf(deps.config());
  const upstream = lookUp(index, 'upstreams', key);
  if (upstream.kind !== 'found') return upstream.response;
  const siblings = childrenOf(index, 'targets', 'upstream', upstream.row.id);
  const found = lookUpChild(index, describe('targets'), siblings, target);
  if (found.kind !== 'found') return NOT_FOUND;
  const name = String(fieldOf(upstream.row, 'name'));
  return message(400, `no healthchecker found for ${name}`);
};
