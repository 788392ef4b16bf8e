/** What the upstream gets of a request, and who is asked. */
import type { Config } from '../../config/types.ts';
import type { HeaderList } from '../../http/headers.ts';
import { maskTarget } from '../../http/mask.ts';
import { headerChanges } from '../changes.ts';
import type { SimulatedRequest } from '../client.ts';
import { UNRESOLVED } from '../runtime.ts';
import type { SessionResult } from '../session.ts';
import type { UpstreamRequest } from '../upstream.ts';
import type { ExplainedUpstream } from './explanation.ts';
import { shownHeaders } from './shown.ts';

interface UpstreamFacts {
  readonly config: Config;
  readonly request: SimulatedRequest;
  readonly secretHeaderNames: ReadonlySet<string>;
  readonly secretQueryNames: ReadonlySet<string>;
}

/** `null` when it is not asked. */
export function explainUpstream(
  { asked: [asked], ctx }: SessionResult,
  { config, request, secretHeaderNames, secretQueryNames }: UpstreamFacts,
): ExplainedUpstream | null {
  if (asked === undefined) return null;
  const { peer, scheme, method, path, headers, body } = asked;
  const { changed, added, dropped } = origins(request.headers, headers);
  return {
    method,
    url: `${scheme}://${bracketed(peer.hostname)}:${peer.port}${maskTarget(path, secretQueryNames)}`,
    headers: shownHeaders(headers, secretHeaderNames).map((field) => {
      const name = field.name.toLowerCase();
      const origin = added.has(name) ? 'added' : changed.has(name) ? 'changed' : 'client';
      return { ...field, origin };
    }),
    dropped,
    body_bytes: body.length,
    peer: {
      host: peer.hostname,
      port: peer.port,
      ip: peer.ip === UNRESOLVED ? null : peer.ip,
    },
    balancer: balancerOf(config, ctx.service?.host),
  };
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function origins(client: Readonly<HeaderList>, upstream: UpstreamRequest['headers']) {
  const sent = new Set(client.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()));
  const changes = headerChanges(client, upstream);
  const set = changes.flatMap((change) =>
    change.kind === 'set-header' ? change.name.toLowerCase() : [],
  );
  return {
    added: new Set(set.filter((name) => !sent.has(name))),
    changed: new Set(set.filter((name) => sent.has(name))),
    dropped: changes.flatMap((change) => (change.kind === 'remove-header' ? change.name : [])),
  };
}

/** The Upstream entity that the service's host names. */
function balancerOf({ entities }: Config, host: string | undefined): ExplainedUpstream['balancer'] {
  const upstream = entities.upstreams.find(({ name }) => name === host);
  if (upstream === undefined) return null;
  return {
    name: upstream.name,
    algorithm: upstream.algorithm,
    hash_on: upstream.hash_on === 'none' ? null : upstream.hash_on,
    targets: entities.targets
      .filter((target) => target.upstream.id === upstream.id)
      .map(({ target, weight }) => ({ target, weight })),
  };
}
