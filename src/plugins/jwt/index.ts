/** Authenticates requests by a signed JSON Web Token. Kong: jwt. */
import { authenticationAccess } from '../../authentication.ts';
import type { JwtConfig } from '../../config/schema-types.ts';
import { definePlugin } from '../../plugin.ts';
import { compileAuthenticate } from './authenticate.ts';

export const jwt = definePlugin<JwtConfig>({
  name: 'jwt',
  priority: 1450,
  compile(config, build) {
    const authenticate = compileAuthenticate(config, build);
    const access = authenticationAccess(config.anonymous, build, authenticate);
    const { run_on_preflight: runsOnPreflight } = config;
    return {
      secretQueryNames: config.uri_param_names,
      access: (ctx) => (!runsOnPreflight && ctx.method === 'OPTIONS' ? undefined : access(ctx)),
    };
  },
});
