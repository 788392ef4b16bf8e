/** Limits how many requests a client may make in a time. Kong: rate-limiting. */
import type { RateLimitingConfig } from '../../config/schema-types.ts';
import { policyCounters } from '../../counters/policy.ts';
import type { Usage } from '../../counters/types.ts';
import {
  createWindowClock,
  scopeOf,
  type CounterWindow,
  limitsOf,
} from '../../counters/windows.ts';
import type { HeaderList } from '../../http/headers.ts';
import { errorResponse, type GatewayResponse } from '../../http/response.ts';
import {
  definePlugin,
  type Immutable,
  type PluginBuild,
  type RequestContext,
  type ResponseHead,
} from '../../plugin.ts';
import { rateLimitHeaders, setHeaders, usedUp } from './headers.ts';
import { compileIdentifier } from './identifier.ts';

/** In a request's shared state: the header fields of its answer. */
const HEADERS = 'rate-limiting';

export const rateLimiting = definePlugin<RateLimitingConfig>({
  name: 'rate-limiting',
  priority: 910,
  compile(config, build) {
    const { counters, close } = policyCounters(config, config.sync_rate, build);
    const windowsAt = createWindowClock(`ratelimit:${scopeOf(build.entity)}`, limitsOf(config));
    const identifierOf = compileIdentifier(config);
    const decide = compileDecision(config, build);
    return {
      access(ctx) {
        const windows = windowsAt(build.now());
        const identifier = identifierOf(ctx);
        const usage = counters.take(windows, identifier);
        if (!(usage instanceof Promise)) return decide(ctx, windows, usage);
        return usage.then(
          (counted) => decide(ctx, windows, counted),
          (reason: unknown) => passOrThrow(reason, config, build),
        );
      },
      ...(config.hide_client_headers ? {} : { headerFilter }),
      close,
    };
  },
});

const headerFilter = (ctx: RequestContext, head: ResponseHead): void => {
  const headers = ctx.shared.get(HEADERS);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else writes under the name
  if (headers !== undefined) setHeaders(head.headers, headers as HeaderList);
};

type Decide = (
  ctx: RequestContext,
  windows: readonly CounterWindow[],
  usage: Usage,
) => GatewayResponse | undefined;

function compileDecision(config: Immutable<RateLimitingConfig>, { now }: PluginBuild): Decide {
  const { error_code: status, error_message: message } = config;
  const bare = errorResponse(status, message);
  return (ctx, windows, usage) => {
    const stop = usedUp(windows, usage);
    if (config.hide_client_headers) return stop === undefined ? undefined : bare;
    ctx.shared.set(HEADERS, rateLimitHeaders(windows, usage, stop, now()));
    return stop === undefined ? undefined : bare;
  };
}

/** What cannot be counted passes without a trace, or is our fault (500). */
function passOrThrow(
  reason: unknown,
  { fault_tolerant: isTolerant }: Immutable<RateLimitingConfig>,
  { log }: PluginBuild,
): undefined {
  if (!isTolerant) throw reason;
  log.error({ err: reason }, 'the request could not be counted');
}
