/** Limits what clients may use up, as the upstream counts it in a header of its answers. Kong: response-ratelimiting. */
import type { ResponseRatelimitingConfig } from '../../config/schema-types.ts';
import { policyCounters } from '../../counters/policy.ts';
import type { Counters, Usage } from '../../counters/types.ts';
import {
  createWindowClock,
  limitsOf,
  scopeOf,
  type CounterWindow,
} from '../../counters/windows.ts';
import { removeHeader, setHeader } from '../../http/headers.ts';
import { errorResponse, type ErrorResponse } from '../../http/response.ts';
import {
  definePlugin,
  type Immutable,
  type PluginBuild,
  type RequestContext,
  type ResponseHead,
} from '../../plugin.ts';
import { readUsage } from './usage-header.ts';

const SHARED = 'response-ratelimiting';
const TOO_MANY_REQUESTS = 429;
const NOTHING = Buffer.alloc(0);

/** What a request found when it came, and what its answer used. */
class Counted {
  readonly windows: readonly CounterWindow[];
  readonly usage: Usage;
  readonly identifier: string;
  /** Set when the answer comes; empty when it was refused. */
  used: ReadonlyMap<string, number> = new Map();

  constructor(windows: readonly CounterWindow[], usage: Usage, identifier: string) {
    this.windows = windows;
    this.usage = usage;
    this.identifier = identifier;
  }
}

export const responseRatelimiting = definePlugin<ResponseRatelimitingConfig>({
  name: 'response-ratelimiting',
  priority: 900,
  compile(config, build) {
    const { counters, close } = policyCounters(config, -1, build);
    const limits = compileLimits(config);
    const windowsAt = createWindowClock(
      `response-ratelimit:${scopeOf(build.entity)}`,
      limits.flatMap((limit) => limit.windows),
    );
    const headerFilter = compileHeaderFilter(config, limits);
    const account = compileAccount(counters, limits, build);
    return {
      access(ctx) {
        const windows = windowsAt(build.now());
        const identifier = identifierOf(ctx, config);
        const keep = (usage: Usage): ErrorResponse | undefined => {
          const counted = new Counted(windows, usage, identifier);
          const refusal = config.block_on_first_violation && firstViolation(limits, counted);
          if (refusal) return refusal;
          ctx.shared.set(SHARED, counted);
          return undefined;
        };
        const usage = counters.read(windows, identifier);
        if (!(usage instanceof Promise)) return keep(usage);
        return usage.then(keep, (reason: unknown) => {
          if (!config.fault_tolerant) throw reason;
          build.log.error({ err: reason }, 'the usage could not be read');
          return undefined;
        });
      },
      headerFilter,
      log: account,
      logCounts: true,
      close,
    };
  },
});

/** One named limit; its windows are a stretch of the entry's. */
interface NamedLimit {
  readonly name: string;
  readonly windows: ReturnType<typeof limitsOf>;
  readonly first: number;
  readonly refusal: ErrorResponse;
}

function compileLimits(config: Immutable<ResponseRatelimitingConfig>): NamedLimit[] {
  let first = 0;
  return Object.entries(config.limits).map(([name, record]) => {
    const windows = limitsOf(record, name);
    const message = `API rate limit exceeded for '${name}'`;
    const refusal = errorResponse(TOO_MANY_REQUESTS, message);
    const limit = { name, windows, first, refusal };
    first += windows.length;
    return limit;
  });
}

const identifierOf = (
  { consumer, credential, clientAddress }: RequestContext,
  { limit_by: by }: Immutable<ResponseRatelimitingConfig>,
): string => {
  if (by === 'ip') return clientAddress;
  const found = by === 'consumer' ? (consumer?.id ?? credential?.id) : credential?.id;
  return found ?? clientAddress;
};

/** What is left of each window of a limit. */
const remainders = ({ windows, first }: NamedLimit, { usage }: Counted): number[] =>
  windows.map(({ limit }, i) => limit - (usage[first + i] ?? 0));

/** Kong looks for exactly nothing left: what was overdrawn is refused when the upstream counts again. */
const firstViolation = (
  limits: readonly NamedLimit[],
  counted: Counted,
): ErrorResponse | undefined =>
  limits.find((limit) => remainders(limit, counted).includes(0))?.refusal;

function countedOf(ctx: RequestContext): Counted | undefined {
  const counted = ctx.shared.get(SHARED);
  return counted instanceof Counted ? counted : undefined;
}

function compileHeaderFilter(
  config: Immutable<ResponseRatelimitingConfig>,
  limits: readonly NamedLimit[],
): (ctx: RequestContext, head: ResponseHead) => void {
  const headerName = config.header_name.toLowerCase();
  const names = new Set(limits.map(({ name }) => name));
  return (ctx, head) => {
    const counted = countedOf(ctx);
    if (counted === undefined) return;
    // Only an upstream says what was used.
    if (head.source === 'upstream') counted.used = readUsage(head.headers, headerName, names);
    let isRefused = false;
    for (const limit of limits) {
      const used = counted.used.get(limit.name) ?? 0;
      const left = remainders(limit, counted);
      setHeader(head.headers, `X-RateLimit-Remaining-${limit.name}`, String(Math.min(...left)));
      if (used > 0 && left.some((remaining) => remaining <= 0)) isRefused = true;
      if (!config.hide_client_headers) showLimit(head, limit, { left, used });
    }
    removeHeader(head.headers, headerName);
    if (!isRefused) return;
    counted.used = new Map();
    head.status = TOO_MANY_REQUESTS;
    head.body = NOTHING;
  };
}

function showLimit(
  { headers }: ResponseHead,
  { name, windows }: NamedLimit,
  { left, used }: { readonly left: readonly number[]; readonly used: number },
): void {
  for (const [i, { period, limit }] of windows.entries()) {
    const remaining = Math.max(0, (left[i] ?? 0) - used);
    setHeader(headers, `X-RateLimit-Limit-${name}-${period}`, String(limit));
    setHeader(headers, `X-RateLimit-Remaining-${name}-${period}`, String(remaining));
  }
}

/** Counts what the answer used. Whoever asks meanwhile may overdraw, as in Kong. */
function compileAccount(
  counters: Counters,
  limits: readonly NamedLimit[],
  { log }: PluginBuild,
): (ctx: RequestContext) => void {
  const book = async (limit: NamedLimit, counted: Counted): Promise<void> => {
    const amount = counted.used.get(limit.name) ?? 0;
    const stretch = counted.windows.slice(limit.first, limit.first + limit.windows.length);
    if (amount !== 0) await counters.add(stretch, counted.identifier, amount);
  };
  return (ctx) => {
    const counted = countedOf(ctx);
    if (counted === undefined || counted.used.size === 0) return;
    for (const limit of limits) {
      book(limit, counted).catch((err: unknown) => {
        log.error({ err }, 'the usage could not be counted');
      });
    }
  };
}
