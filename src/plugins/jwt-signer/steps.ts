/** What becomes of a token, step by step: the issuer's word, checks, consumer, new token. */
import type { PluginBuild } from '../../plugin.ts';
import { createFreshness, type AcceptedToken, type Freshness } from './accepted.ts';
import { compileClaimChecks } from './checks/claim-checks.ts';
import { bothValid, validityOf, type Validity } from './checks/validity.ts';
import { looksLikeJws } from './classify.ts';
import { compileConsumerMapping, type ConsumerMapping } from './consumers.ts';
import type { TokenEndpoints } from './endpoints.ts';
import type { Evidence } from './evidence.ts';
import { compileNewClaims } from './new-claims.ts';
import { compileOpaqueExamination } from './opaque.ts';
import type { Refusal } from './refusals.ts';
import type { TokenSettings } from './settings.ts';
import { createSigner, type SignedToken } from './sign.ts';
import { compileJwtVerification, readToken } from './verify-jwt.ts';

export interface Steps extends Freshness {
  /**
   * A promise only where something has to be waited for. Never rejects.
   * @param known what was found out before; what still holds is not done again
   */
  run(token: string, known: AcceptedToken | undefined): Eventually<AcceptedToken | Refusal>;
}

/** A value, or the promise of one. */
type Eventually<T> = T | Promise<T>;

/** Goes on at once when there is nothing to wait for: each promise costs a turn of the queue. */
function then<T, R>(value: Eventually<T>, goOn: (value: T) => Eventually<R>): Eventually<R> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}

export function compileSteps(
  settings: TokenSettings,
  build: PluginBuild,
  endpoints: TokenEndpoints,
): Steps {
  const { now } = build;
  const establish = compileEstablish(settings, build, endpoints);
  const check = compilePayloadCheck(settings, build);
  const consumerOf = compileConsumer(settings, build);
  const signing = compileSigning(settings, build, endpoints);

  function conclude(
    token: string,
    evidence: Evidence | Refusal,
    known: AcceptedToken | undefined,
  ): Eventually<AcceptedToken | Refusal> {
    if (evidence.kind === 'refused') return evidence;
    const validity = check(evidence);
    if ('kind' in validity) return validity;
    const consumer = consumerOf(evidence);
    return then(signing.signOrReuse(evidence, known), (signed) =>
      signed?.kind === 'refused'
        ? signed
        : { kind: 'accepted', token, evidence, consumer, signed, validity },
    );
  }

  return {
    ...signing.freshness,
    run(token, known) {
      const isKnown = known !== undefined && signing.freshness.evidenceHolds(known, now());
      const evidence = isKnown ? known.evidence : establish(token);
      return then(evidence, (found) => conclude(token, found, known));
    },
  };
}

/** From the text of a token to what its issuer says. */
function compileEstablish(
  settings: TokenSettings,
  build: PluginBuild,
  { source, introspectionTls: tls }: TokenEndpoints,
): (token: string) => Eventually<Evidence | Refusal> {
  const { trace } = build;
  const verifyJwt = compileJwtVerification(settings, source, trace);
  const examineOpaque = compileOpaqueExamination(settings, { build, tls, verifyJwt });
  return (token) => {
    const read = readToken(token);
    if (read.kind === 'read' || looksLikeJws(token)) {
      trace?.passed('form', 'a JWT');
      return verifyJwt(token, read);
    }
    trace?.passed('form', 'an opaque token, to be introspected');
    return examineOpaque(token);
  };
}

/** Checks the payload and gives the span in which all time checks pass, those of the result included. */
function compilePayloadCheck(
  { rules, introspection }: TokenSettings,
  { now, trace }: PluginBuild,
): (evidence: Evidence) => Validity | Refusal {
  const check = compileClaimChecks(rules);
  return ({ introspected, payload }) => {
    const ofResult = introspected && validityOf(introspected, introspection.rules);
    // A trusted introspection stands for the checks of the payload.
    if (introspected !== undefined && introspection.isTrusted) return bothValid(ofResult);
    return check(payload, now() / 1000, trace) ?? bothValid(ofResult, validityOf(payload, rules));
  };
}

/** The result of an introspection is asked before the payload. */
function compileConsumer(
  { rules, introspection }: TokenSettings,
  { lookups, trace }: PluginBuild,
): (evidence: Evidence) => ConsumerMapping {
  const ofResult = compileConsumerMapping(introspection.rules, lookups);
  const ofPayload = compileConsumerMapping(rules, lookups);
  return ({ introspected, payload }) =>
    (introspected && ofResult(introspected, trace)) ?? ofPayload(payload, trace);
}

interface Signing {
  readonly freshness: Freshness;
  /** The new token; `undefined` where none is wanted. */
  signOrReuse(
    evidence: Evidence,
    known: AcceptedToken | undefined,
  ): Eventually<SignedToken | Refusal | undefined>;
}

function compileSigning(
  { rules, signing }: TokenSettings,
  { log, trace }: PluginBuild,
  { source, keyset }: TokenEndpoints,
): Signing {
  const { algorithm, issuer } = signing;
  const buildClaims = compileNewClaims(signing, rules.expiry.claim);
  const signer =
    keyset &&
    createSigner(signing, keyset, (err) =>
      log.error({ err, keyset: keyset.name, algorithm }, 'no new token could be signed'),
    );
  const freshness = createFreshness(source, signer);

  function traced(signed: SignedToken | Refusal): SignedToken | Refusal {
    if (signed.kind === 'signed') {
      const { kid } = signed.key;
      trace?.passed('new token', `signed with ${algorithm} and the key ${kid} as "${issuer}"`);
    }
    return signed;
  }

  return {
    freshness,
    signOrReuse(evidence, known) {
      if (signer === undefined) return undefined;
      const same = known?.evidence.source === evidence.source ? known.signed : undefined;
      if (same !== undefined && freshness.signatureHolds(same)) return same;
      return then(signer.sign(buildClaims(evidence.payload)), traced);
    },
  };
}
