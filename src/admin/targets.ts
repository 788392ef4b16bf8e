/** Below an upstream: its targets as the balancer sees them, and their health. */
import { isIP } from 'node:net';
import { parseAddress } from '../config/checks/address.ts';
import type { AddressStatus, TargetStatus } from '../proxy/balancer/status.ts';
import { describe } from './entities.ts';
import { childrenOf, fieldOf, indexOf, type ConfigIndex, type Row } from './index-config.ts';
import { lookUp, lookUpChild } from './lookup.ts';
import { listBody, readSize, type Page } from './paging.ts';
import type { AdminRequest, Handler } from './request.ts';
import { empty, json, message, NOT_FOUND, type AdminResponse } from './response.ts';
import type { AdminDeps, UpstreamBalancer } from './types.ts';

type Health = 'HEALTHY' | 'UNHEALTHY' | 'DNS_ERROR' | 'HEALTHCHECKS_OFF';

/** Kong's port for an address without one. */
const DEFAULT_PORT = 8000;

function numberOf(row: Row, field: string): number {
  const value = fieldOf(row, field);
  return typeof value === 'number' ? value : 0;
}

/** The newest first. */
function targetsOf(index: ConfigIndex, upstreamId: string): readonly Row[] {
  return childrenOf(index, 'targets', 'upstream', upstreamId).toSorted((a, b) => {
    const age = numberOf(b, 'created_at') - numberOf(a, 'created_at');
    if (age !== 0) return age;
    return a.id < b.id ? 1 : -1;
  });
}

/** An upstream that a path names, with a page of its targets. */
type TargetPage =
  | { readonly kind: 'page'; readonly upstream: Row; readonly page: Page<Row> }
  | { readonly kind: 'refused'; readonly response: AdminResponse };

/** Offsets are positions, and a full last page is the last. */
function targetPage({ params: [key = ''], query }: AdminRequest, deps: AdminDeps): TargetPage {
  const index = indexOf(deps.config());
  const upstream = lookUp(index, 'upstreams', key);
  if (upstream.kind !== 'found') return { kind: 'refused', response: upstream.response };
  const size = readSize(query);
  if (typeof size !== 'number') return { kind: 'refused', response: size.refusal };
  const targets = targetsOf(index, upstream.row.id);
  const given = Number(query.get('offset') ?? 0);
  const from = Number.isInteger(given) && given > 0 ? given : 0;
  const to = from + size;
  const offset = to < targets.length ? String(to) : undefined;
  return { kind: 'page', upstream: upstream.row, page: { rows: targets.slice(from, to), offset } };
}

/** `GET /upstreams/{upstreams}/targets` */
export const listTargets: Handler = (request, deps) => {
  const found = targetPage(request, deps);
  if (found.kind === 'refused') return found.response;
  const path = `/upstreams/${encodeURIComponent(request.params[0] ?? '')}/targets`;
  return json(
    200,
    listBody(found.page, (offset) => `${path}?offset=${offset}`),
  );
};

/** `GET /upstreams/{upstreams}/health`, per target or for the whole balancer. */
export const readHealth: Handler = async (request, deps) => {
  const found = targetPage(request, deps);
  if (found.kind === 'refused') return found.response;
  const { page, upstream } = found;
  const balancer = deps.balancer(upstream.id);
  await balancer?.settle();
  const node = { node_id: deps.settings.nodeId };
  if (request.query.get('balancer_health') === '1') {
    return json(200, { data: balancerHealth(upstream.id, balancer), next: null, ...node });
  }
  const rows = page.rows.map((row) => withHealth(row, balancer));
  const path = `/upstreams/${encodeURIComponent(request.params[0] ?? '')}/health`;
  const body = listBody({ ...page, rows }, (offset) => `${path}?offset=${offset}`);
  return json(200, { ...body, ...node });
};

function withHealth(row: Row, balancer: UpstreamBalancer | undefined): object {
  const status = balancer?.status();
  const name = String(fieldOf(row, 'target'));
  const target = status?.hosts.find(({ host, port }) => `${host}:${port}` === name);
  if (status === undefined || target === undefined) return { ...row };
  const isChecked = status.isChecked && target.nodeWeight > 0;
  const addresses = target.addresses.map(({ healthy, ...address }) => {
    return { ...address, health: isChecked ? healthWord(healthy) : 'HEALTHCHECKS_OFF' };
  });
  return { ...row, health: targetHealth(target, isChecked), data: { ...target, addresses } };
}

const healthWord = (isHealthy: boolean): Health => (isHealthy ? 'HEALTHY' : 'UNHEALTHY');

/** A target is healthy as long as one of its addresses is. */
function targetHealth({ addresses }: TargetStatus, isChecked: boolean): Health {
  if (addresses.length === 0) return 'DNS_ERROR';
  if (!isChecked) return 'HEALTHCHECKS_OFF';
  return healthWord(addresses.some(({ healthy }: AddressStatus) => healthy));
}

function balancerHealth(id: string, balancer: UpstreamBalancer | undefined): object {
  if (balancer === undefined) return { id };
  const { isChecked, ...details } = balancer.status();
  const word = healthWord(details.healthy);
  return { id, health: isChecked ? word : 'HEALTHCHECKS_OFF', balancer_health: word, details };
}

/** PUT of `…/{targets}/healthy` and `…/{targets}/{address}/healthy`, and of `unhealthy`. */
export const markTarget =
  (isHealthy: boolean): Handler =>
  async ({ params: [key = '', targetKey = '', address] }, deps) => {
    const index = indexOf(deps.config());
    const upstream = lookUp(index, 'upstreams', key);
    if (upstream.kind !== 'found') return upstream.response;
    const siblings = childrenOf(index, 'targets', 'upstream', upstream.row.id);
    const target = lookUpChild(index, describe('targets'), siblings, targetKey);
    if (target.kind !== 'found') return NOT_FOUND;
    const marked = address === undefined ? undefined : addressOf(address);
    if (marked === 'bad') return message(400, `'${address}' is no address: write ip or ip:port`);
    const balancer = deps.balancer(upstream.row.id);
    await balancer?.settle();
    const { host, port } = hostAndPort(String(fieldOf(target.row, 'target')));
    if (balancer?.mark({ host, port, address: marked }, isHealthy) === true) return empty(204);
    return message(400, `no healthchecker found for ${String(fieldOf(upstream.row, 'name'))}`);
  };

/** `a.test:80` and `[::1]:80` taken apart; the loader made sure that there is a port. */
function hostAndPort(target: string): { readonly host: string; readonly port: number } {
  const colon = target.lastIndexOf(':');
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(target.slice(colon + 1)) };
}

function addressOf(text: string): { readonly ip: string; readonly port: number } | 'bad' {
  const address = parseAddress(text);
  if (address.kind === 'bad' || isIP(address.host) === 0) return 'bad';
  return { ip: address.host, port: address.port ?? DEFAULT_PORT };
}
