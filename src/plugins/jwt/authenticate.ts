/** The checks of a token in Kong's order, from its text to the consumer it stands for. */
import type { JwtConfig } from '../../config/schema-types.ts';
import { memberOf } from '../../http/json.ts';
import type { ExitResponse } from '../../http/response.ts';
import type { AccessResult, Immutable, PluginBuild, RequestContext } from '../../plugin.ts';
import type { ClaimHeaders } from './claim-headers.ts';
import { compileClaimsCheck } from './claims.ts';
import { compileDemands } from './demands.ts';
import { compileIssued } from './issued.ts';
import { compileIssuers } from './issuers.ts';
import { keyringFor, type VerifiedToken } from './keyring.ts';
import type { SigningCredential } from './keys.ts';
import { compileTokenSearch } from './lookup.ts';
import { parseToken, type ParsedToken } from './parse.ts';
import { createRefusals, type Refusals } from './refusals.ts';

export interface Authentication {
  /** Sets the request's consumer and gives `undefined`, or gives the refusal. */
  readonly authenticate: (ctx: RequestContext) => AccessResult;
  readonly close: () => void;
}

export function compileAuthenticate(
  config: Immutable<JwtConfig>,
  build: PluginBuild,
  headers: ClaimHeaders | undefined,
): Authentication {
  const { now, trace } = build;
  const refusals = createRefusals(config.realm, config.key_claim_name);
  const searchToken = compileTokenSearch(config);
  const checkClaims = compileClaimsCheck(config, refusals);
  const demands = compileDemands(config, refusals, trace);
  const issuers = compileIssuers(config, build, refusals);
  const finishIssued = compileIssued(config, build, { refusals, checkClaims, demands });

  const verify = compileCredentialTokens(config, build, refusals);

  function authenticateByCredential(ctx: RequestContext, text: string): ExitResponse | undefined {
    const token = verify(text);
    if ('kind' in token) return token;
    const refusal = checkClaims?.(token, Math.floor(now() / 1000)) ?? demands?.(token.claims);
    if (refusal !== undefined) return refusal;
    if (checkClaims !== undefined)
      trace?.passed('claims', 'exp and nbf are as the config wants them');
    const { consumer, credential, key } = token.signer;
    if (consumer === undefined) return refusals.consumerGone(key);
    ctx.authenticate(consumer, credential, key);
    ctx.claims = token.claims;
    return undefined;
  }

  function finish(
    ctx: RequestContext,
    refusal: ExitResponse | undefined,
  ): ExitResponse | undefined {
    if (refusal === undefined) headers?.set(ctx, ctx.claims);
    return refusal;
  }

  return {
    authenticate(ctx) {
      const { found, several } = searchToken(ctx);
      if (found === undefined) return refusals.noToken;
      if (several) return refusals.fault('Multiple tokens provided');
      if (found === true) return refusals.fault('Unrecognizable token');
      trace?.passed('token', 'found where the config looks for it');
      const issued = issuers?.verify(found);
      if (issued === undefined) return finish(ctx, authenticateByCredential(ctx, found));
      if (!(issued instanceof Promise)) return finish(ctx, finishIssued(ctx, issued));
      return issued.then((token) => finish(ctx, finishIssued(ctx, token)));
    },
    close: () => issuers?.close(),
  };
}

/** Tokens of credentials: found by a claim, verified with the credential's key, and remembered. */
function compileCredentialTokens(
  config: Immutable<JwtConfig>,
  { lookups, trace }: PluginBuild,
  refusals: Refusals,
): (text: string) => VerifiedToken | ExitResponse {
  const { credentials, verified } = keyringFor(lookups, config);

  function signerOf(token: ParsedToken): SigningCredential | ExitResponse {
    const key = keyOf(token, config.key_claim_name);
    if (key === undefined || key === null) return refusals.noKeyClaim;
    if (key === '') return refusals.emptyKeyClaim;
    const signer = typeof key === 'string' ? credentials.get(key) : undefined;
    return signer ?? refusals.unknownKey;
  }

  function verifyToken(text: string): VerifiedToken | ExitResponse {
    const token = parseToken(text);
    if (typeof token === 'string') return refusals.fault(token);
    trace?.passed('form', `a JWT, alg ${token.alg}`);
    const signer = signerOf(token);
    if ('kind' in signer) return signer;
    trace?.passed(
      'credential',
      `${config.key_claim_name} is the key of a ${signer.algorithm} credential`,
    );
    if (token.alg !== signer.algorithm) return refusals.fault('Invalid algorithm');
    if (signer.verify === undefined) return refusals.fault('Invalid key/secret');
    if (!token.isCanonical || !signer.verify(token.signingInput, token.signature)) {
      return refusals.fault('Invalid signature');
    }
    trace?.passed('signature', 'verifies with the key of the credential');
    const { claims } = token;
    const found = { signer, claims, exp: memberOf(claims, 'exp'), nbf: memberOf(claims, 'nbf') };
    verified.add(text, found);
    return found;
  }

  return (text) => verified.get(text) ?? verifyToken(text);
}

/** The payload's member wins over the header's; `false` counts as absent, `null` does not. */
function keyOf({ claims, header }: ParsedToken, name: string): unknown {
  const claimed = memberOf(claims, name);
  return claimed === undefined || claimed === false ? present(memberOf(header, name)) : claimed;
}

const present = (value: unknown): unknown => (value === false ? undefined : value);
