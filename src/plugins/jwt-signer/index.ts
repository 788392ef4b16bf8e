/** Verifies or introspects one or two tokens and signs new ones for the upstream. Kong: jwt-signer. */
import type { JwtSignerConfig } from '../../config/schema-types.ts';
import type { GatewayResponse } from '../../http/response.ts';
import {
  definePlugin,
  type Immutable,
  type PluginBuild,
  type RequestContext,
} from '../../plugin.ts';
import type { AcceptedToken } from './accepted.ts';
import type { Claims } from './claims.ts';
import { applyConsumer } from './consumers.ts';
import { openEndpoints, type TokenEndpoints } from './endpoints.ts';
import { compileInstrumentation } from './instrumentation.ts';
import { compilePipeline, type RunPipeline, type TokenOutcome } from './pipeline.ts';
import { hostOf, refuse, type Refusal } from './refusals.ts';
import { tokenSettings, type TokenSettings } from './settings.ts';
import {
  clearHeaders,
  compileTokenWriter,
  headersToClear,
  type WriteTokens,
} from './upstream-headers.ts';

/** Names the client may not fill in while nobody has been authenticated. */
const IDENTITY_HEADERS = [
  'x-consumer-id',
  'x-consumer-custom-id',
  'x-consumer-username',
  'x-credential-identifier',
  'x-anonymous-consumer',
];

export const jwtSigner = definePlugin<JwtSignerConfig>({
  name: 'jwt-signer',
  priority: 1020,
  compile(config, build) {
    const [access, channel] = compileTokens(config, build);
    const answer = compileAnswer(config, build, [access, channel]);

    /** Access token first; the second is not looked at when the first is refused. */
    function afterAccess(
      ctx: RequestContext,
      first: TokenOutcome,
    ): GatewayResponse | undefined | Promise<GatewayResponse | undefined> {
      if (first?.kind === 'refused' || first?.consumer?.kind === 'refused') {
        return answer(ctx, first, undefined);
      }
      const second = channel.run(ctx.headers);
      return second instanceof Promise
        ? second.then((outcome) => answer(ctx, first, outcome))
        : answer(ctx, first, second);
    }

    return {
      access(ctx) {
        const first = access.run(ctx.headers);
        return first instanceof Promise
          ? first.then((outcome) => afterAccess(ctx, outcome))
          : afterAccess(ctx, first);
      },
      close() {
        access.endpoints.close();
        channel.endpoints.close();
      },
    };
  },
});

interface CompiledToken {
  readonly settings: TokenSettings;
  readonly endpoints: TokenEndpoints;
  readonly run: RunPipeline;
  readonly write: WriteTokens;
}

/** When the second cannot be had, what the first has opened is let go. */
function compileTokens(
  config: Immutable<JwtSignerConfig>,
  build: PluginBuild,
): readonly [access: CompiledToken, channel: CompiledToken] {
  const access = compileToken(tokenSettings(config, 'access_token'), build);
  try {
    return [access, compileToken(tokenSettings(config, 'channel_token'), build)];
  } catch (error) {
    access.endpoints.close();
    throw error;
  }
}

function compileToken(settings: TokenSettings, build: PluginBuild): CompiledToken {
  const endpoints = openEndpoints(settings, build);
  const traced = { ...build, trace: build.trace?.section(settings.kind) };
  return {
    settings,
    endpoints,
    run: compilePipeline(settings, traced, endpoints),
    write: compileTokenWriter(settings),
  };
}

type Answer = (
  ctx: RequestContext,
  access: TokenOutcome,
  channel: TokenOutcome,
) => GatewayResponse | undefined;

/** Both outcomes → a refusal, or the consumer and the headers that the upstream gets. */
function compileAnswer(
  config: Immutable<JwtSignerConfig>,
  build: PluginBuild,
  [access, channel]: readonly [CompiledToken, CompiledToken],
): Answer {
  const toClear = headersToClear([access.settings, channel.settings]);
  const report = compileInstrumentation(config, build);
  return (ctx, first, second) => {
    report?.(ctx, first, second);
    const refusal = refusalIn(first, second);
    if (refusal !== undefined) {
      build.trace?.failed(String(refusal.status), refusal.reason);
      if (refusal.status === 500) build.log.error({ request_id: ctx.id }, refusal.reason);
      return refuse(refusal, config.realm ?? hostOf(ctx.host));
    }
    const consumer = consumerIn(first) ?? consumerIn(second);
    if (consumer !== undefined) applyConsumer(ctx, consumer);
    else if (ctx.consumer === undefined) clearHeaders(ctx.headers, IDENTITY_HEADERS);
    ctx.claims = verifiedClaims(first) ?? verifiedClaims(second) ?? ctx.claims;
    clearHeaders(ctx.headers, toClear);
    writeTo(ctx, access, first);
    writeTo(ctx, channel, second);
    return undefined;
  };
}

/** Once a consumer is found, that the other token names none is no fault. */
function refusalIn(first: TokenOutcome, second: TokenOutcome): Refusal | undefined {
  if (first?.kind === 'refused') return first;
  if (first?.consumer?.kind === 'refused') return first.consumer;
  if (second?.kind === 'refused') return second;
  const isMapped = first?.consumer !== undefined;
  return !isMapped && second?.consumer?.kind === 'refused' ? second.consumer : undefined;
}

const consumerIn = (outcome: TokenOutcome) =>
  outcome?.kind === 'accepted' && outcome.consumer?.kind === 'mapped'
    ? outcome.consumer
    : undefined;

/** For plugins that go by claims; what nobody has vouched for is none of their business. */
function verifiedClaims(outcome: TokenOutcome): Claims | undefined {
  if (outcome?.kind !== 'accepted') return undefined;
  const { payload, introspected, keysVersion } = outcome.evidence;
  return introspected !== undefined || keysVersion !== undefined ? payload : undefined;
}

function writeTo(ctx: RequestContext, { write }: CompiledToken, outcome: TokenOutcome): void {
  if (outcome?.kind !== 'accepted') return;
  const { token, signed }: AcceptedToken = outcome;
  write(ctx.headers, { original: token, signed: signed?.text });
}
