/** Keeps answers and gives them again, without asking the upstream. Kong: proxy-cache. */
import { openCache } from '../../answer-cache/strategy.ts';
import type { AnswerCache, CachedAnswer } from '../../answer-cache/types.ts';
import type { ProxyCacheConfig } from '../../config/schema-types.ts';
import { cacheDirectives, type CacheDirectives } from '../../http/cache-control.ts';
import type { GatewayResponse } from '../../http/response.ts';
import {
  definePlugin,
  type Immutable,
  type PluginBuild,
  type RequestContext,
  type ResponseHead,
} from '../../plugin.ts';
import { compileAnswerTest, compileRequestTest, type Lifetime } from './cacheable.ts';
import { isAcceptable } from './freshness.ts';
import { compileKey, type AnswerKey } from './key.ts';
import { compileDiagnostics, keptHeaders, type Diagnostics } from './stored-headers.ts';

const SHARED = 'proxy-cache';
const GATEWAY_TIMEOUT = 504;

/** What is done with the answer of one request. */
class Passing {
  /** `Bypass` keeps nothing. */
  status: 'Miss' | 'Refresh' | 'Bypass';
  /** Absent when the cache was not asked. */
  readonly key: AnswerKey | undefined;
  /** The answer that is being kept, when its head allows it. */
  kept: (Omit<CachedAnswer, 'body'> & Lifetime) | undefined = undefined;
  chunks: Buffer[] = [];
  bytes = 0;

  constructor(status: Passing['status'], key?: AnswerKey) {
    this.status = status;
    this.key = key;
  }
}

function pass(ctx: RequestContext, status: Passing['status'], key?: AnswerKey): undefined {
  ctx.shared.set(SHARED, new Passing(status, key));
}

function passingOf(ctx: RequestContext): Passing | undefined {
  const passing = ctx.shared.get(SHARED);
  return passing instanceof Passing ? passing : undefined;
}

export const proxyCache = definePlugin<ProxyCacheConfig>({
  name: 'proxy-cache',
  priority: 100,
  compile(config, build) {
    const { cache, close } = openCache(config, build.services);
    const diagnostics = compileDiagnostics(config);
    const report = compileReport(build);
    return {
      access: compileAccess(config, cache, { build, diagnostics, report }),
      headerFilter: compileHeaderFilter(config, cache, { build, diagnostics }),
      filtersBody: (ctx) => passingOf(ctx)?.kept !== undefined && 'reads',
      bodyFilter: compileBodyFilter(cache, report),
      close,
    };
  },
});

/** Says once that the cache fails, and once that it works again, however many requests there are. */
interface Report {
  readonly failed: (err: unknown) => void;
  readonly worked: () => void;
}

function compileReport({ log }: PluginBuild): Report {
  let isFailing = false;
  return {
    failed(err) {
      if (!isFailing) log.error({ err }, 'the cache cannot be used: requests pass it by');
      isFailing = true;
    },
    worked() {
      if (isFailing) log.info({}, 'the cache can be used again');
      isFailing = false;
    },
  };
}

interface Parts {
  readonly build: PluginBuild;
  readonly diagnostics: Diagnostics;
  readonly report: Report;
}

function compileAccess(
  config: Immutable<ProxyCacheConfig>,
  cache: AnswerCache,
  { build, diagnostics, report }: Parts,
) {
  const isAsked = compileRequestTest(config);
  const keyOf = compileKey(config);
  const replay = compileReplay(diagnostics);

  function decide(
    ctx: RequestContext,
    {
      key,
      directives,
      found,
    }: {
      readonly key: AnswerKey;
      readonly directives: CacheDirectives;
      readonly found: CachedAnswer | undefined;
    },
  ): GatewayResponse | undefined {
    const answer = found?.identity === key.identity ? found : undefined;
    const age = answer && Math.max(0, Math.floor(build.now() / 1000) - answer.storedAt);
    if (answer !== undefined && age !== undefined) {
      const isFresh = config.cache_control
        ? isAcceptable(answer, age, directives)
        : age <= config.cache_ttl;
      if (isFresh) return replay(ctx, { answer, key: key.key, age });
    }
    if (config.cache_control && directives.has('only-if-cached')) {
      const headers: string[] = [];
      diagnostics.set(ctx, headers, 'X-Cache-Key', key.key);
      return { kind: 'exit', status: GATEWAY_TIMEOUT, headers, body: undefined };
    }
    return pass(ctx, answer === undefined ? 'Miss' : 'Refresh', key);
  }

  return (ctx: RequestContext) => {
    const directives = cacheDirectives(ctx.headers);
    if (!isAsked(ctx, directives)) return pass(ctx, 'Bypass');
    const key = keyOf(ctx);
    const found = cache.get(key.key);
    if (!(found instanceof Promise)) return decide(ctx, { key, directives, found });
    return found.then(
      (answer) => {
        report.worked();
        return decide(ctx, { key, directives, found: answer });
      },
      (reason: unknown) => {
        report.failed(reason);
        return pass(ctx, 'Bypass', key);
      },
    );
  };
}

interface Replayed {
  readonly answer: CachedAnswer;
  readonly key: string;
  /** Seconds. */
  readonly age: number;
}

function compileReplay(diagnostics: Diagnostics) {
  return (ctx: RequestContext, { answer, key, age }: Replayed): GatewayResponse => {
    const headers = [...answer.headers];
    diagnostics.set(ctx, headers, 'age', String(age));
    diagnostics.set(ctx, headers, 'X-Cache-Status', 'Hit');
    diagnostics.set(ctx, headers, 'X-Cache-Key', key);
    const { status, body } = answer;
    return { kind: 'exit', status, headers, body, isReplay: true };
  };
}

function compileHeaderFilter(
  config: Immutable<ProxyCacheConfig>,
  { entryBytesMax }: AnswerCache,
  { build, diagnostics }: Omit<Parts, 'report'>,
) {
  const lifetimeOf = compileAnswerTest(config, entryBytesMax);
  return (ctx: RequestContext, head: ResponseHead): void => {
    const passing = passingOf(ctx);
    if (passing === undefined) return;
    const { headers } = head;
    const { key } = passing;
    const now = Math.floor(build.now() / 1000);
    const lifetime =
      passing.status === 'Bypass' || key === undefined ? undefined : lifetimeOf(head, now);
    if (key !== undefined && lifetime !== undefined && hasBody(ctx)) {
      const { status } = head;
      const { identity } = key;
      passing.kept = {
        ...lifetime,
        status,
        headers: keptHeaders(headers),
        storedAt: now,
        identity,
      };
    }
    if (key !== undefined) diagnostics.prepend(ctx, headers, 'X-Cache-Key', key.key);
    const isRefused = key !== undefined && lifetime === undefined && passing.status !== 'Bypass';
    if (isRefused) diagnostics.set(ctx, headers, 'X-Cache-Status', 'Bypass');
    else diagnostics.prepend(ctx, headers, 'X-Cache-Status', passing.status);
  };
}

/** As in Kong, an answer to HEAD is not kept although the cache is asked for one. */
const hasBody = ({ method, upstreamMethod }: RequestContext): boolean =>
  method !== 'HEAD' && upstreamMethod !== 'HEAD';

/** Keeps a body while it passes; one that does not come to its end is not kept. */
function compileBodyFilter(cache: AnswerCache, report: Report) {
  return (ctx: RequestContext, chunk: Buffer | undefined): Buffer | undefined => {
    const passing = passingOf(ctx);
    if (passing?.kept === undefined || passing.key === undefined) return chunk;
    if (chunk === undefined) {
      const { keepSeconds, ...head } = passing.kept;
      const answer = { ...head, body: Buffer.concat(passing.chunks, passing.bytes) };
      passing.kept = undefined;
      cache.set(passing.key.key, answer, keepSeconds)?.catch(report.failed);
      return undefined;
    }
    passing.bytes += chunk.length;
    if (passing.bytes > cache.entryBytesMax) {
      passing.kept = undefined;
      passing.chunks = [];
    } else passing.chunks.push(chunk);
    return chunk;
  };
}
