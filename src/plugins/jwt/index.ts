/** Authenticates requests by a signed JSON Web Token. Kong: jwt. */
import type { JwtConfig } from '../../config/schema-types.ts';
import { errorResponse } from '../../http/response.ts';
import { definePlugin } from '../../plugin.ts';
import { compileAuthenticate } from './authenticate.ts';

export const jwt = definePlugin<JwtConfig>({
  name: 'jwt',
  priority: 1450,
  compile(config, build) {
    const authenticate = compileAuthenticate(config, build);
    const { anonymous, run_on_preflight: runsOnPreflight } = config;
    const nobody = anonymous === null ? undefined : build.lookups.anonymousConsumer(anonymous);
    const anonymousMissing = errorResponse(500);
    return {
      secretQueryNames: config.uri_param_names,
      access(ctx) {
        if (!runsOnPreflight && ctx.method === 'OPTIONS') return undefined;
        if (anonymous === null) return authenticate(ctx);
        // Another plugin has authenticated the client: with `anonymous` one is enough.
        if (ctx.credential !== undefined) return undefined;
        if (authenticate(ctx) === undefined) return undefined;
        if (nobody === undefined) return anonymousMissing;
        ctx.authenticate(nobody);
        return undefined;
      },
    };
  },
});
