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
import { compileJwtVerification } from './verify-jwt.ts';

export interface Steps extends Freshness {
  /**
   * Never rejects.
   * @param known what was found out before; what still holds is not done again
   */
  run(token: string, known: AcceptedToken | undefined): Promise<AcceptedToken | Refusal>;
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
  return {
    ...signing.freshness,
    async run(token, known) {
      const isKnown = known !== undefined && signing.freshness.evidenceHolds(known, now());
      const evidence = isKnown ? known.evidence : await establish(token);
      if (evidence.kind === 'refused') return evidence;
      const validity = check(evidence);
      if ('kind' in validity) return validity;
      const consumer = consumerOf(evidence);
      const signed = await signing.signOrReuse(evidence, known);
      if (signed?.kind === 'refused') return signed;
      return { kind: 'accepted', token, evidence, consumer, signed, validity };
    },
  };
}

/** From the text of a token to what its issuer says. */
function compileEstablish(
  settings: TokenSettings,
  build: PluginBuild,
  { source, introspectionTls: tls }: TokenEndpoints,
): (token: string) => Promise<Evidence | Refusal> {
  const { trace } = build;
  const verifyJwt = compileJwtVerification(settings, source, trace);
  const examineOpaque = compileOpaqueExamination(settings, { build, tls, verifyJwt });
  return async (token) => {
    if (looksLikeJws(token)) {
      trace?.passed('form', 'a JWT');
      return verifyJwt(token);
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
  ): Promise<SignedToken | Refusal | undefined>;
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
  return {
    freshness,
    async signOrReuse(evidence, known) {
      if (signer === undefined) return undefined;
      const same = known?.evidence.source === evidence.source ? known.signed : undefined;
      if (same !== undefined && freshness.signatureHolds(same)) return same;
      const signed = await signer.sign(buildClaims(evidence.payload));
      if (signed.kind === 'signed') {
        trace?.passed(
          'new token',
          `signed with ${algorithm} and the key ${signed.key.kid} as "${issuer}"`,
        );
      }
      return signed;
    },
  };
}
