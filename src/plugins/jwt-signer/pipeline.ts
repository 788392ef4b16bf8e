/** One token of a request: where it is, whether it is remembered, and what becomes of it otherwise. */
import type { HeaderList } from '../../http/headers.ts';
import type { PluginBuild } from '../../plugin.ts';
import { createTokenCache } from '../../tokens/token-cache.ts';
import type { AcceptedToken } from './accepted.ts';
import { looksLikeJws } from './classify.ts';
import type { TokenEndpoints } from './endpoints.ts';
import { badToken, failure, NO_TOKEN, type Refusal } from './refusals.ts';
import { compileTokenSearch } from './request-token.ts';
import type { TokenSettings } from './settings.ts';
import { compileSteps } from './steps.ts';

/** `undefined`: there is no token, or it is left alone, and that is all right. */
export type TokenOutcome = AcceptedToken | Refusal | undefined;

/** A promise only where something is waited for, never for a token that is remembered. Never rejects. */
export type RunPipeline = (headers: Readonly<HeaderList>) => TokenOutcome | Promise<Outcome>;

type Outcome = AcceptedToken | Refusal;

const NOT_CONFIGURED = failure('no request header is configured for a token that is not optional');
/** RFC 7662 section 2.1, RFC 6750 section 2.1; anything else would break the headers it is put in. */
const TOKEN = /^[\x21-\x7e]+$/;
const NOT_A_TOKEN = badToken('malformed token');

/** Of each kind of token and load: tokens, results and new tokens together. */
const REMEMBERED_MAX = 8192;
const REMEMBERED_LENGTH_MAX = 32 * 1024 * 1024;

const lengthOf = (token: string, { evidence, signed }: AcceptedToken): number =>
  token.length + evidence.length + (signed?.text.length ?? 0);

export function compilePipeline(
  settings: TokenSettings,
  build: PluginBuild,
  endpoints: TokenEndpoints,
): RunPipeline {
  const { requestHeader, isOptional } = settings;
  if (requestHeader === undefined) return () => (isOptional ? undefined : NOT_CONFIGURED);
  const findToken = compileTokenSearch(requestHeader);
  const examine = compileMemory(settings, build, endpoints);
  const missing = isOptional ? undefined : NO_TOKEN;
  return (headers) => {
    const token = findToken(headers);
    if (token === undefined) return missing;
    build.trace?.passed('token', `found in the header ${requestHeader.shownName}`);
    return TOKEN.test(token) ? examine(token) : NOT_A_TOKEN;
  };
}

/** Runs the steps for a token unless it is remembered or under way already. */
function compileMemory(
  settings: TokenSettings,
  build: PluginBuild,
  endpoints: TokenEndpoints,
): (token: string) => Outcome | Promise<Outcome> {
  const { now } = build;
  const { isCached } = settings.introspection;
  const remembered = createTokenCache(REMEMBERED_MAX, REMEMBERED_LENGTH_MAX, lengthOf);
  const underWay = new Map<string, Promise<Outcome>>();
  const steps = compileSteps(settings, build, endpoints);

  function remember(token: string, outcome: Outcome): Outcome {
    if (outcome.kind === 'accepted') remembered.add(token, outcome);
    return outcome;
  }

  function examine(token: string, known: AcceptedToken | undefined): Outcome | Promise<Outcome> {
    const outcome = steps.run(token, known);
    return outcome instanceof Promise
      ? outcome.then((found) => remember(token, found))
      : remember(token, outcome);
  }

  return (token) => {
    const known = remembered.get(token);
    if (known !== undefined && steps.evidenceHolds(known, now())) {
      if (steps.signatureHolds(known.signed)) return known;
    }
    // Whoever turns the cache off wants to hear of a revocation at once: nobody shares an answer.
    if (!isCached && !looksLikeJws(token)) return examine(token, known);
    const shared = underWay.get(token);
    if (shared !== undefined) return shared;
    const outcome = examine(token, known);
    if (!(outcome instanceof Promise)) return outcome;
    const own = outcome.finally(() => underWay.delete(token));
    underWay.set(token, own);
    return own;
  };
}
