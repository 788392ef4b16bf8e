/** The plugin's answers, made once per entry: Kong's texts and challenges (RFC 6750 section 3). */
import { bytesOfText } from '../../http/bytes.ts';
import { exitJson, type ExitResponse } from '../../http/response.ts';

/** Faults whose text does not depend on the config. */
const FAULTS = [
  'Multiple tokens provided',
  'Unrecognizable token',
  'Bad token; invalid JSON',
  'Bad token; invalid alg',
  'Bad token; invalid claims',
  'Bad token; invalid signature',
  'Invalid algorithm',
  'Invalid key/secret',
  'Invalid signature',
] as const;

export type Fault = (typeof FAULTS)[number];

export interface Refusals {
  readonly noToken: ExitResponse;
  readonly noKeyClaim: ExitResponse;
  readonly emptyKeyClaim: ExitResponse;
  readonly unknownKey: ExitResponse;
  readonly expirationTooFar: ExitResponse;
  fault(fault: Fault): ExitResponse;
  /** One reason per failed claim. */
  claims(reasons: Readonly<Record<string, string>>): ExitResponse;
  /** Of tokens of issuers, and of demands that Kong's plugin does not know. */
  readonly noKeys: ExitResponse;
  readonly wrongAudience: ExitResponse;
  readonly missingScope: ExitResponse;
  readonly noConsumer: ExitResponse;
  /** Kong sends no challenge with this one. */
  consumerGone(key: string): ExitResponse;
}

/** `realm` goes into the challenge as it is written (in UTF-8), as with Kong 3.9. */
export function createRefusals(realm: string | null, keyClaim: string): Refusals {
  const scheme = realm === null ? 'Bearer' : `Bearer realm="${bytesOfText(realm)}"`;
  const invalid = ['WWW-Authenticate', `${scheme} error="invalid_token"`];
  const refuse = (message: string): ExitResponse => exitJson(401, { message }, invalid);
  const faults: ReadonlyMap<Fault, ExitResponse> = new Map(
    FAULTS.map((fault) => [fault, refuse(fault)]),
  );
  return {
    noToken: exitJson(401, { message: 'Unauthorized' }, ['WWW-Authenticate', scheme]),
    noKeyClaim: refuse(`No mandatory '${keyClaim}' in claims`),
    emptyKeyClaim: refuse(`Invalid '${keyClaim}' in claims`),
    unknownKey: refuse(`No credentials found for given '${keyClaim}'`),
    expirationTooFar: exitJson(401, { exp: 'exceeds maximum allowed expiration' }, invalid),
    noKeys: refuse('The keys of the issuer cannot be had'),
    wrongAudience: refuse('Invalid audience'),
    // RFC 6750 section 3.1.
    missingScope: exitJson(403, { message: 'Insufficient scope' }, [
      'WWW-Authenticate',
      `${scheme} error="insufficient_scope"`,
    ]),
    noConsumer: refuse('No consumer found for the claims of the token'),
    fault: (fault) => faults.get(fault) ?? refuse(fault),
    claims: (reasons) => exitJson(401, reasons, invalid),
    consumerGone: (key) =>
      exitJson(401, { message: `Could not find consumer for '${keyClaim}=${key}'` }),
  };
}
