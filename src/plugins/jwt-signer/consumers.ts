/** From a claim to the consumer it names. */
import type { Consumer } from '../../config/types.ts';
import type { PluginLookups, RequestContext, Trace } from '../../plugin.ts';
import { claimAt, claimText, showPath, type Claims } from './claims.ts';
import { forbidden, type Refusal } from './refusals.ts';
import type { ClaimRules } from './settings.ts';

/** A consumer and the text that named it. */
export interface MappedConsumer {
  readonly kind: 'mapped';
  readonly consumer: Consumer;
  readonly claim: string;
}

/** `undefined` when no mapping is configured. */
export type ConsumerMapping = MappedConsumer | Refusal | undefined;

export type MapConsumer = (claims: Claims, trace?: Trace) => ConsumerMapping;

const NOBODY = forbidden('the token names no consumer of this gateway');

export function compileConsumerMapping(
  { consumerClaim, consumerBy }: ClaimRules,
  lookups: PluginLookups,
): MapConsumer {
  if (consumerClaim === null) return () => undefined;
  const path = showPath(consumerClaim);
  return (claims, trace) => {
    const claim = claimText(claimAt(claims, consumerClaim));
    if (claim === undefined) return NOBODY;
    for (const field of consumerBy) {
      const consumer = lookups.consumerBy(field, claim);
      if (consumer === undefined) continue;
      trace?.passed('consumer', `${path} "${claim}" is the ${field} of ${nameOf(consumer)}`);
      return { kind: 'mapped', consumer, claim };
    }
    return NOBODY;
  };
}

const nameOf = ({ username, custom_id: customId, id }: Consumer): string =>
  username ?? customId ?? id;

/**
 * Makes it the request's consumer. There is no credential entity: the claim stands for one, so that
 * plugins which ask for an authenticated client see one.
 */
export function applyConsumer(ctx: RequestContext, { consumer, claim }: MappedConsumer): void {
  ctx.authenticate(consumer, { id: claim, consumerId: consumer.id }, claim);
}
