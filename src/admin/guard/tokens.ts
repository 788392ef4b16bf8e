/** The token of a request: where it stands, whose it is, and what it opens. */
import { timingSafeEqual } from 'node:crypto';
import {
  isMadeToken,
  tokenDigest,
  type AdminToken,
  type TokenScope,
} from '../../settings/admin-tokens.ts';
import { message, type AdminResponse } from '../response.ts';
import type { ServerRequest } from '../types.ts';
import type { Attempts } from './attempts.ts';

/** RFC 9110 section 11.6.1 wants a challenge with every 401; RFC 6750 says what it looks like. */
const CHALLENGE = 'Bearer realm="admin"';
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

const unauthorized = (text: string): AdminResponse => ({
  ...message(401, text),
  headers: ['WWW-Authenticate', CHALLENGE],
});

const NO_TOKEN = unauthorized(
  'this Admin API needs a token, in the header Kong-Admin-Token or as Authorization: Bearer',
);
const WRONG_TOKEN = unauthorized('the token is not known here, or not any more');

/** The answer to a token that may look and not change. */
export const readOnly = (name: string): AdminResponse => ({
  ...message(403, `the token ${name} has the scope read; this request needs write`),
  headers: ['WWW-Authenticate', `${CHALLENGE}, error="insufficient_scope", scope="write"`],
});

function tooMany(waitMs: number): AdminResponse {
  const seconds = String(Math.max(1, Math.ceil(waitMs / 1000)));
  return {
    ...message(429, `too many wrong tokens from this address; try again in ${seconds} seconds`),
    headers: ['Retry-After', seconds],
  };
}

/** What a request without a name has done wrong: `wrong` was counted, `closed` is the one too many. */
export type TokenFault = 'missing' | 'wrong' | 'closed' | 'limited';

export type TokenCheck =
  | { readonly kind: 'known'; readonly name: string; readonly scope: TokenScope }
  | { readonly kind: 'refused'; readonly fault: TokenFault; readonly response: AdminResponse };

export interface TokenRequest {
  readonly req: ServerRequest;
  readonly address: string;
  readonly isWrite: boolean;
  readonly tokens: readonly AdminToken[];
}

/**
 * Checks the token of a request. Wrong tokens, and writes without one, count as failures of the
 * address. One that has failed too often is refused whatever it sends, but for a right token of the
 * form that this program makes: nobody guesses those, so nobody can lock their owners out.
 */
export function checkToken(
  attempts: Attempts,
  { req, address, isWrite, tokens }: TokenRequest,
): TokenCheck {
  const waitMs = attempts.waitMs(address);
  const given = givenToken(req);
  if (given === undefined) {
    if (waitMs > 0) return refused('limited', tooMany(waitMs));
    if (isWrite) return refused(attempts.failed(address) ? 'closed' : 'missing', NO_TOKEN);
    return refused('missing', NO_TOKEN);
  }
  const found = waitMs > 0 && !isMadeToken(given) ? undefined : find(tokens, given);
  if (found !== undefined) return { kind: 'known', name: found.name, scope: found.scope };
  if (waitMs > 0) return refused('limited', tooMany(waitMs));
  return refused(attempts.failed(address) ? 'closed' : 'wrong', WRONG_TOKEN);
}

const refused = (fault: TokenFault, response: AdminResponse): TokenCheck => ({
  kind: 'refused',
  fault,
  response,
});

/** Kong's header, else a bearer token (RFC 6750 section 2.1). */
function givenToken({ headers }: ServerRequest): string | undefined {
  const own = headers['kong-admin-token'];
  if (typeof own === 'string') return own;
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

/** Compares with every digest in full: how long it takes says nothing about which one was near. */
function find(tokens: readonly AdminToken[], given: string): AdminToken | undefined {
  const digest = tokenDigest(given);
  const now = Date.now();
  let found: AdminToken | undefined;
  for (const token of tokens) {
    const isSame = timingSafeEqual(token.digest, digest);
    if (isSame && (token.untilMs === undefined || now < token.untilMs)) found ??= token;
  }
  return found;
}
