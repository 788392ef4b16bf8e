/** Authenticates requests by username and password (RFC 7617). Kong: basic-auth. */
import { authenticationAccess } from '../../authentication.ts';
import type { BasicAuthConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { headerValue, removeHeader } from '../../http/headers.ts';
import { errorResponse, type ErrorResponse } from '../../http/response.ts';
import {
  definePlugin,
  type Immutable,
  type PluginBuild,
  type RequestContext,
} from '../../plugin.ts';
import { accountsOf, isPasswordOf, type Account } from './accounts.ts';
import { readCredentials, type GivenCredentials } from './read-credentials.ts';

export const basicAuth = definePlugin<BasicAuthConfig>({
  name: 'basic-auth',
  priority: 1100,
  compile(config, build) {
    const authenticate = compileAuthenticate(config, build);
    return { access: authenticationAccess(config.anonymous, build, authenticate) };
  },
});

/** Kong's order: the account of Proxy-Authorization decides, when there is one. */
const HEADERS = ['proxy-authorization', 'authorization'] as const;

function compileAuthenticate(
  config: Immutable<BasicAuthConfig>,
  build: PluginBuild,
): (ctx: RequestContext) => ErrorResponse | undefined {
  const accounts = accountsOf(build);
  const challenge = ['WWW-Authenticate', `Basic realm="${bytesOfText(config.realm)}"`];
  const refusal = errorResponse(401, 'Unauthorized', challenge);

  function accountIn(
    ctx: RequestContext,
    header: (typeof HEADERS)[number],
  ): { readonly account: Account; readonly given: GivenCredentials } | undefined {
    const value = headerValue(ctx.headers, header);
    if (value === undefined) return undefined;
    const given = readCredentials(value);
    // Kong forwards what it could decode but not split.
    if (config.hide_credentials && given !== 'no-colon') removeHeader(ctx.headers, header);
    if (typeof given === 'string') return undefined;
    const account = accounts.get(given.username);
    return account && { account, given };
  }

  return (ctx) => {
    const found = accountIn(ctx, HEADERS[0]) ?? accountIn(ctx, HEADERS[1]);
    if (found === undefined || !isPasswordOf(found.account, found.given.password)) return refusal;
    const { consumer, credential, username } = found.account;
    if (consumer === undefined) return refusal;
    ctx.authenticate(consumer, credential, username);
    return undefined;
  };
}
