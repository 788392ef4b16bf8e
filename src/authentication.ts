/** What the authentication plugins have in common: the anonymous consumer, and "one of several is enough". */
import { errorResponse, type GatewayResponse } from './http/response.ts';
import type { AccessResult, PluginBuild, RequestContext } from './plugin.ts';

/** Names the request's consumer and gives `undefined`, or gives the refusal. */
export type Authenticate = (ctx: RequestContext) => AccessResult;

/**
 * The access phase of an authentication plugin (Kong: its `anonymous`). Without `anonymous` every such
 * plugin must succeed. With it, one that has succeeded is enough, and who fails at all of them goes on
 * as that consumer, which is named by id or username.
 */
export function authenticationAccess(
  anonymous: string | null,
  { lookups }: PluginBuild,
  authenticate: Authenticate,
): Authenticate {
  if (anonymous === null) return authenticate;
  const nobody = lookups.anonymousConsumer(anonymous);
  const missing = errorResponse(500);

  function orAnonymous(
    ctx: RequestContext,
    refusal: GatewayResponse | undefined,
  ): GatewayResponse | undefined {
    if (refusal === undefined) return undefined;
    if (nobody === undefined) return missing;
    ctx.authenticate(nobody);
    return undefined;
  }

  return (ctx) => {
    if (ctx.credential !== undefined) return undefined;
    const refusal = authenticate(ctx);
    if (refusal instanceof Promise) return refusal.then((found) => orAnonymous(ctx, found));
    return orAnonymous(ctx, refusal);
  };
}
