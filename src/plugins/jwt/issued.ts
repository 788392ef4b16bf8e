/** What follows from a verified token of an issuer: its times, the demands, and the consumer it names, if any. */
import type { JwtConfig } from '../../config/schema-types.ts';
import type { Consumer } from '../../config/types.ts';
import { removeHeader } from '../../http/headers.ts';
import type { ExitResponse } from '../../http/response.ts';
import type { Immutable, PluginBuild, RequestContext } from '../../plugin.ts';
import { claimAt } from '../../tokens/claims.ts';
import { compileIssuedCheck, type ClaimsCheck } from './claims.ts';
import type { Demands } from './demands.ts';
import type { IssuerConfig } from './issuer-keys.ts';
import type { IssuedToken, Verified } from './issuers.ts';
import type { Refusals } from './refusals.ts';

/** Lets the request pass as the token says, or gives the refusal. */
export type FinishIssued = (ctx: RequestContext, token: Verified) => ExitResponse | undefined;

interface Parts {
  readonly refusals: Refusals;
  readonly checkClaims: ClaimsCheck | undefined;
  readonly demands: Demands | undefined;
}

/** Names of headers by which upstreams know the client: without a consumer, nobody may set them. */
const IDENTITY = [
  'x-consumer-id',
  'x-consumer-username',
  'x-consumer-custom-id',
  'x-credential-identifier',
  'x-anonymous-consumer',
];

export function compileIssued(
  config: Immutable<JwtConfig>,
  { lookups, now, trace }: PluginBuild,
  { refusals, checkClaims, demands }: Parts,
): FinishIssued {
  const check = compileIssuedCheck(config, refusals, checkClaims);

  function identify(
    ctx: RequestContext,
    { issuer, claims }: IssuedToken,
  ): ExitResponse | undefined {
    const consumer = consumerOf(issuer, claims, lookups);
    if (consumer !== undefined) {
      trace?.passed('consumer', consumer.username ?? consumer.custom_id ?? consumer.id);
      const credential = { id: consumer.id, consumerId: consumer.id };
      ctx.authenticate(consumer, credential, issuer.issuer);
      return undefined;
    }
    if (issuer.consumer_claim !== null && !issuer.consumer_optional) {
      trace?.failed('consumer', `${issuer.consumer_claim.join('.')} names none of the config`);
      return refusals.noConsumer;
    }
    trace?.noted('consumer', 'none: the claims stand for themselves');
    for (const name of IDENTITY) {
      removeHeader(ctx.headers, name);
      removeHeader(ctx.headers, name.replaceAll('-', '_'));
    }
    return undefined;
  }

  return (ctx, token) => {
    if ('kind' in token) return token;
    const { claims } = token;
    const times = { exp: claims['exp'], nbf: claims['nbf'] };
    const untimely = check(times, Math.floor(now() / 1000));
    if (untimely === undefined) trace?.passed('claims', 'exp and nbf, where the token has them');
    else trace?.failed('claims', String(untimely.body));
    const refusal = untimely ?? demands?.(claims) ?? identify(ctx, token);
    if (refusal === undefined) ctx.claims = claims;
    return refusal;
  };
}

function consumerOf(
  { consumer_claim: path, consumer_by: fields }: IssuerConfig,
  claims: unknown,
  lookups: PluginBuild['lookups'],
): Consumer | undefined {
  const value = path === null ? undefined : claimAt(claims, path);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  for (const field of fields) {
    const consumer = lookups.consumerBy(field, String(value));
    if (consumer !== undefined) return consumer;
  }
  return undefined;
}
