/** Authenticates requests by a signed JSON Web Token. Kong: jwt. */
import { authenticationAccess } from '../../authentication.ts';
import type { JwtConfig } from '../../config/schema-types.ts';
import { definePlugin } from '../../plugin.ts';
import { compileAuthenticate } from './authenticate.ts';
import { compileClaimHeaders } from './claim-headers.ts';

export const jwt = definePlugin<JwtConfig>({
  name: 'jwt',
  priority: 1450,
  compile(config, build) {
    const headers = compileClaimHeaders(config);
    const { authenticate, close } = compileAuthenticate(config, build, headers);
    const access = authenticationAccess(config.anonymous, build, authenticate);
    const { run_on_preflight: runsOnPreflight } = config;
    return {
      secretQueryNames: config.uri_param_names,
      secretHeaderNames: config.header_names,
      access(ctx) {
        headers?.strip(ctx);
        return !runsOnPreflight && ctx.method === 'OPTIONS' ? undefined : access(ctx);
      },
      close,
    };
  },
});
