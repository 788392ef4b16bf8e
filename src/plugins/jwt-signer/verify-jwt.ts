/** JWTs: read, and verified with the keys of their issuer. */
import type { KeySource, SourceKeys } from '../../services.ts';
import { parseClaims, parseCompact, type CompactJws } from '../../tokens/compact.ts';
import { findSigner, type VerificationKey } from '../../tokens/jwk-set.ts';
import { parseStrictObject } from '../../tokens/strict-json.ts';
import type { Trace } from '../../plugin.ts';
import type { Claims } from './claims.ts';
import type { Evidence } from './evidence.ts';
import { badToken, unverifiable, type Refusal } from './refusals.ts';
import type { TokenSettings } from './settings.ts';

/** A JWT that was read strictly. Nothing in it is true yet. */
export interface ReadToken {
  readonly kind: 'read';
  readonly jws: CompactJws;
  readonly claims: Claims;
}

/**
 * Unless the config says not to, verifies the signature of a JWT. Never rejects.
 * @param read what `readToken` says of it, when somebody has asked already
 */
export type VerifyJwt = (
  token: string,
  read?: ReadToken | Refusal,
) => Evidence | Refusal | Promise<Evidence | Refusal>;

const NO_KEYS_URI = badToken('signatures are verified here, and there are no keys to do it with');
const HMAC_REFUSED = badToken('tokens signed with HMAC are not accepted');
const NO_CLAIMS = badToken('the payload is not a JSON object with unique members');
const WRONG_SIGNATURE = badToken('the signature does not verify');
const KEYS_MISSING = unverifiable('the keys of the issuer cannot be had now');

/** The token as it says it is, or why it cannot be one. */
export function readToken(token: string): ReadToken | Refusal {
  const { jws, fault } = parseCompact(token);
  if (jws === undefined) return badToken(`malformed token: ${fault}`);
  const claims = parseClaims(jws);
  return claims === undefined ? NO_CLAIMS : { kind: 'read', jws, claims };
}

/** @param source the issuer's keys; `undefined` when the config names none */
export function compileJwtVerification(
  { verifiesSignature, acceptsHmac }: TokenSettings,
  source: KeySource | undefined,
  trace: Trace | undefined,
): VerifyJwt {
  if (!verifiesSignature) return (token) => unverified(token, trace);
  return (token, read = readToken(token)) => {
    if (source === undefined) return NO_KEYS_URI;
    if (read.kind === 'refused') return read;
    const { jws, claims } = read;
    if (jws.algorithm.startsWith('HS') && !acceptsHmac) return HMAC_REFUSED;
    const keys = source.current();
    const signer = keys && signerIn(keys, jws);
    if (keys === undefined || signer === undefined) return verifyLater(read, source, keys);
    return verified(jws, claims, keys, signer);
  };

  /** Without keys they are loaded; when those `tried` do not verify, newer ones are asked for. */
  async function verifyLater(
    { jws, claims }: ReadToken,
    from: KeySource,
    tried: SourceKeys | undefined,
  ): Promise<Evidence | Refusal> {
    const loaded = tried ?? (await from.load());
    if (loaded === undefined) return KEYS_MISSING;
    const signer = loaded === tried ? undefined : signerIn(loaded, jws);
    if (signer !== undefined) return verified(jws, claims, loaded, signer);
    const newer = await from.refresh(loaded);
    const late = newer && newer !== loaded ? signerIn(newer, jws) : undefined;
    if (newer === undefined || late === undefined) return WRONG_SIGNATURE;
    return verified(jws, claims, newer, late);
  }

  function verified(
    jws: CompactJws,
    claims: Claims,
    { version }: SourceKeys,
    signer: VerificationKey,
  ): Evidence {
    trace?.passed('signature', `verifies with the key ${signer.kid ?? '(without kid)'}`);
    return jwtEvidence(jws.signingInput, claims, version);
  }
}

const signerIn = (keys: SourceKeys, jws: CompactJws): VerificationKey | undefined =>
  findSigner(keys.keys, jws) ?? findSigner(keys.previous, jws);

const jwtEvidence = (
  token: string,
  payload: Claims,
  keysVersion: number | undefined,
): Evidence => ({
  kind: 'evidence',
  payload,
  introspected: undefined,
  source: '',
  length: token.length,
  keysVersion,
  usableUntil: Infinity,
});

/** The claims of a JWT, whatever its signature is. */
export function decodeClaims(token: string): Claims | undefined {
  const [header = '', payload = '', ...rest] = token.split('.', 4);
  const isJwt = rest.length === 1 && parseStrictObject(Buffer.from(header, 'base64url'));
  return isJwt ? parseStrictObject(Buffer.from(payload, 'base64url')) : undefined;
}

function unverified(token: string, trace: Trace | undefined): Evidence | Refusal {
  const claims = decodeClaims(token);
  if (claims === undefined) return NO_CLAIMS;
  trace?.noted('signature', 'is not verified: the config says so');
  return jwtEvidence(token, claims, undefined);
}
