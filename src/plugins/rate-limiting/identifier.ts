/** Who a request is counted for. */
import { createHash } from 'node:crypto';
import type { RateLimitingConfig } from '../../config/schema-types.ts';
import { headerValue } from '../../http/headers.ts';
import { memberOf } from '../../http/json.ts';
import type { Immutable, RequestContext } from '../../plugin.ts';

/** What a client may choose freely takes no more memory than this. */
const LENGTH_MAX = 128;

type Find = (ctx: RequestContext) => string | undefined;

/** Whatever is missing, the client's address stands in for it, so that every request is counted. */
export function compileIdentifier(
  config: Immutable<RateLimitingConfig>,
): (ctx: RequestContext) => string {
  const find = compileFind(config);
  return (ctx) => {
    const found = find(ctx) ?? ctx.clientAddress;
    return found.length > LENGTH_MAX ? digestOf(found) : found;
  };
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function compileFind(config: Immutable<RateLimitingConfig>): Find {
  switch (config.limit_by) {
    case 'consumer':
      return ({ consumer, credential }) => consumer?.id ?? credential?.id;
    case 'credential':
      return ({ credential }) => credential?.id;
    case 'service':
      return ({ service }) => service?.id;
    case 'header': {
      const name = (config.header_name ?? '').toLowerCase();
      return ({ headers }) => headerValue(headers, name);
    }
    case 'path':
      return ({ path }) => (path === config.path ? path : undefined);
    case 'claim': {
      const name = config.claim_name ?? '';
      return ({ claims }) => claimText(memberOf(claims, name));
    }
    case 'ip':
      return () => undefined;
  }
}

/** Lists and objects identify nobody. */
function claimText(claim: unknown): string | undefined {
  if (typeof claim === 'string') return claim === '' ? undefined : claim;
  return typeof claim === 'number' ? String(claim) : undefined;
}
