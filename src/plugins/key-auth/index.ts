/** Authenticates requests by an API key. Kong: key-auth. */
import { authenticationAccess } from '../../authentication.ts';
import type { KeyAuthConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { headerValue } from '../../http/headers.ts';
import { errorResponse, type ErrorResponse } from '../../http/response.ts';
import {
  definePlugin,
  type Immutable,
  type PluginBuild,
  type RequestContext,
} from '../../plugin.ts';
import { mayHoldFields, readBodyFields, type BodyFields } from './body-key.ts';
import { keyHolders } from './credentials.ts';
import { compileKeyNames, findKey, hideKey } from './find-key.ts';

type Authenticate = (
  ctx: RequestContext,
  fields: BodyFields | undefined,
) => ErrorResponse | undefined;

export const keyAuth = definePlugin<KeyAuthConfig>({
  name: 'key-auth',
  priority: 1250,
  compile(config, build) {
    const authenticate = compileAuthenticate(config, build);
    const access = authenticationAccess(config.anonymous, build, (ctx) => {
      const contentType = config.key_in_body ? headerValue(ctx.headers, 'content-type') : undefined;
      if (contentType === undefined || !mayHoldFields(contentType)) {
        return authenticate(ctx, undefined);
      }
      return ctx.body().then((body) => authenticate(ctx, readBodyFields(contentType, body)));
    });
    return {
      secretQueryNames: config.key_in_query ? config.key_names : [],
      secretHeaderNames: config.key_in_header ? config.key_names : [],
      access: (ctx) =>
        !config.run_on_preflight && ctx.method === 'OPTIONS' ? undefined : access(ctx),
    };
  },
});

function compileAuthenticate(config: Immutable<KeyAuthConfig>, build: PluginBuild): Authenticate {
  const holders = keyHolders(build);
  const { now } = build;
  const names = compileKeyNames(config);
  const challenge = [
    'WWW-Authenticate',
    config.realm === null ? 'Key' : `Key realm="${bytesOfText(config.realm)}"`,
  ];
  const noKey = errorResponse(401, 'No API key found in request', challenge);
  const duplicate = errorResponse(401, 'Duplicate API key found', challenge);
  const unknownKey = errorResponse(401, 'Unauthorized', challenge);
  const consumerGone = errorResponse(500);

  return function authenticate(ctx, fields) {
    const found = findKey(ctx, names, config, fields);
    if (found.kind === 'several') return duplicate;
    if (found.kind === 'none') return noKey;
    // Before the key is checked: an anonymous request is forwarded, too.
    if (config.hide_credentials) hideKey(ctx, found.name, fields);
    if (found.key === '') return noKey;
    const holder = holders.get(found.key);
    if (holder === undefined || now() >= holder.expiresAt) return unknownKey;
    if (holder.consumer === undefined) return consumerGone;
    ctx.authenticate(holder.consumer, holder.credential, holder.credential.id);
    return undefined;
  };
}
