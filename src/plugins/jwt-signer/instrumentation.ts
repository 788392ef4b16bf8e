/** `enable_instrumentation`: what became of each token, one line per request that shows at every log level. */
import type { JwtSignerConfig } from '../../config/schema-types.ts';
import type { Immutable, PluginBuild, RequestContext } from '../../plugin.ts';
import type { TokenOutcome } from './pipeline.ts';

export type Report = (ctx: RequestContext, access: TokenOutcome, channel: TokenOutcome) => void;

/** `undefined` when nothing is to be written. No line holds a token or a claim. */
export function compileInstrumentation(
  { enable_instrumentation: isEnabled }: Immutable<JwtSignerConfig>,
  { log }: PluginBuild,
): Report | undefined {
  if (!isEnabled) return undefined;
  return (ctx, access, channel) => {
    const fields = {
      request_id: ctx.id,
      access_token: describe(access),
      channel_token: describe(channel),
    };
    log.fatal(fields, 'jwt-signer instrumentation');
  };
}

function describe(outcome: TokenOutcome): object {
  if (outcome === undefined) return { outcome: 'none' };
  if (outcome.kind === 'refused') {
    return { outcome: 'refused', status: outcome.status, reason: outcome.reason };
  }
  const { evidence, consumer, signed } = outcome;
  return {
    outcome: 'accepted',
    form: evidence.introspected === undefined ? 'jwt' : 'opaque',
    consumer: consumer?.kind ?? 'not looked for',
    signed_with: signed?.key.kid ?? 'nothing',
  };
}
