/** Authenticates requests by a signature over parts of them. Kong: hmac-auth. */
import { authenticationAccess } from '../../authentication.ts';
import type { HmacAuthConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { headerValue, removeHeader } from '../../http/headers.ts';
import { parseHttpDate } from '../../http/http-date.ts';
import { errorResponse, type GatewayResponse } from '../../http/response.ts';
import {
  definePlugin,
  type AccessResult,
  type Immutable,
  type PluginBuild,
  type RequestContext,
} from '../../plugin.ts';
import { matchesDigest } from './digest.ts';
import { parseSignatureHeader, type SignatureParameters } from './signature-header.ts';
import { signersOf, type Signer } from './signers.ts';
import { isSignatureOf } from './signing-string.ts';

export const hmacAuth = definePlugin<HmacAuthConfig>({
  name: 'hmac-auth',
  priority: 1030,
  compile(config, build) {
    const authenticate = compileAuthenticate(config, build);
    return { access: authenticationAccess(config.anonymous, build, authenticate) };
  },
});

function compileAuthenticate(
  config: Immutable<HmacAuthConfig>,
  build: PluginBuild,
): (ctx: RequestContext) => AccessResult {
  const signers = signersOf(build);
  const { now } = build;
  const refusals = createRefusals(config.realm);
  const algorithms = new Set<string>(config.algorithms);

  const isInTime = (ctx: RequestContext, header: 'x-date' | 'date'): boolean => {
    const text = headerValue(ctx.headers, header);
    const date = text === undefined ? undefined : parseHttpDate(text);
    if (date === undefined) return false;
    return Math.abs(Math.floor(now() / 1000) - date) <= config.clock_skew;
  };

  const isAcceptable = ({ algorithm, signed }: SignatureParameters): boolean =>
    algorithms.has(algorithm) && config.enforce_headers.every((name) => signed.includes(name));

  function accept(ctx: RequestContext, signer: Signer): GatewayResponse | undefined {
    if (signer.consumer === undefined) return refusals.unverifiable;
    ctx.authenticate(signer.consumer, signer.credential, signer.username);
    return undefined;
  }

  return (ctx) => {
    const { headers } = ctx;
    const authorization = headerValue(headers, 'authorization');
    const proxyAuthorization = headerValue(headers, 'proxy-authorization');
    if (authorization === undefined && proxyAuthorization === undefined) return refusals.nothing;
    if (!isInTime(ctx, 'x-date') && !isInTime(ctx, 'date')) return refusals.date;

    const ofProxy = parseSignatureHeader(proxyAuthorization);
    const given = ofProxy ?? parseSignatureHeader(authorization);
    if (config.hide_credentials) {
      removeHeader(headers, ofProxy === undefined ? 'authorization' : 'proxy-authorization');
    }
    if (given === undefined || !isAcceptable(given)) return refusals.unverifiable;
    const signer = signers.get(given.username);
    if (signer === undefined) return refusals.unverifiable;
    if (!isSignatureOf(ctx, signer, given)) return refusals.mismatch;
    if (!config.validate_request_body) return accept(ctx, signer);
    return ctx
      .body()
      .then((body) => (matchesDigest(ctx, body) ? accept(ctx, signer) : refusals.mismatch));
  };
}

function createRefusals(realm: string | null) {
  const challenge = [
    'WWW-Authenticate',
    realm === null ? 'hmac' : `hmac realm="${bytesOfText(realm)}"`,
  ];
  const refuse = (message: string) => errorResponse(401, message, challenge);
  return {
    nothing: refuse('Unauthorized'),
    date: refuse(
      'HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication',
    ),
    unverifiable: refuse('HMAC signature cannot be verified'),
    mismatch: refuse('HMAC signature does not match'),
  };
}
