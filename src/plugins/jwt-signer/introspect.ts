/** The question to the introspection endpoint (RFC 7662), asked twice at most. */
import { OutboundError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { parseStrictObject } from '../../tokens/strict-json.ts';
import type { Outbound, OutboundTls } from '../../services.ts';
import type { Claims } from './claims.ts';
import type { IntrospectionSettings } from './settings.ts';

/** What the endpoint said of a token. */
export interface IntrospectionAnswer {
  readonly result: Claims;
  /** The text of `result`. */
  readonly text: string;
}

/** Asks; `undefined` when there was no answer to make use of. Never rejects. */
export type Introspect = (token: string) => Promise<IntrospectionAnswer | undefined>;

/** RFC 7662 section 2.1; Kong's documents call it `hint`. */
const HINT_PARAMETER = 'token_type_hint';
const ATTEMPTS_MAX = 2;
/** The call was never made, and a second one would not be either. */
const POINTLESS: ReadonlySet<string> = new Set(['ERR_OUTBOUND_BUSY', 'ERR_OUTBOUND_BREAKER']);
/** An endpoint that is down fails every request: one line in so many milliseconds says it all. */
const WARN_PAUSE_MS = 10_000;

interface Failure {
  readonly problem: string;
  readonly isFinal: boolean;
}

export interface IntrospectionDeps {
  readonly outbound: Outbound;
  readonly tls: OutboundTls;
  readonly log: Logger;
  readonly now: () => number;
}

export function compileIntrospectionCall(
  settings: IntrospectionSettings,
  endpoint: string,
  { outbound, tls, log, now }: IntrospectionDeps,
): Introspect {
  const { authorization, bodyArgs, hint, timeoutMs } = settings;
  const headers = [
    'Content-Type',
    'application/x-www-form-urlencoded',
    'Accept',
    'application/json',
    ...(authorization === null ? [] : ['Authorization', authorization]),
  ];
  const fixedArgs =
    (hint === null || hint === '' ? '' : `&${HINT_PARAMETER}=${encodeURIComponent(hint)}`) +
    (bodyArgs === null ? '' : `&${bodyArgs}`);
  // The query may hold a secret.
  const [shownEndpoint] = endpoint.split('?', 1);
  let warnedAt = -Infinity;

  async function attempt(body: string): Promise<IntrospectionAnswer | Failure> {
    try {
      const request = { url: endpoint, method: 'POST', headers, body, tls, timeoutMs } as const;
      const answer = await outbound.request(request);
      if (answer.status !== 200) return { problem: `status ${answer.status}`, isFinal: false };
      const result = parseStrictObject(answer.body);
      if (result === undefined) return { problem: 'the body is not a JSON object', isFinal: false };
      return { result, text: answer.body.toString('latin1') };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { problem, isFinal: error instanceof OutboundError && POINTLESS.has(error.code) };
    }
  }

  function warn(problem: string): void {
    if (now() - warnedAt < WARN_PAUSE_MS) return;
    warnedAt = now();
    log.warn(
      { endpoint: shownEndpoint, problem },
      'introspection failed; opaque tokens are refused meanwhile',
    );
  }

  return async (token) => {
    const body = `token=${encodeURIComponent(token)}${fixedArgs}`;
    let problem = '';
    for (let i = 0; i < ATTEMPTS_MAX; i++) {
      const outcome = await attempt(body);
      if ('result' in outcome) return outcome;
      problem = outcome.problem;
      if (outcome.isFinal) break;
    }
    warn(problem);
    return undefined;
  };
}
