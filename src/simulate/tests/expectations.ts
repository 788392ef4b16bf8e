/** All that a step expects, held against what came of its request. */
import type { HeaderList } from '../../http/headers.ts';
import { headerValue } from '../../http/headers.ts';
import { isFields } from '../../config/checks/field-issue.ts';
import type { SessionResult } from '../session.ts';
import type { UpstreamRequest } from '../upstream.ts';
import {
  below,
  compareBody,
  compareHeaders,
  compareJson,
  compareText,
  compareValue,
  type Mismatch,
} from './compare.ts';
import type { Expectation, SentTokenExpectation, UpstreamExpectation } from './test-file.ts';

/** Paths are below `expect`. */
export function compareResult(expected: Expectation, result: SessionResult): readonly Mismatch[] {
  const { answer, ctx } = result;
  const { status, headers, body, upstream } = expected;
  const { route, service, consumer } = expected;
  return [
    ...(status === undefined ? [] : below(['status'], compareStatus(status, result))),
    ...named('route', route, ctx.route, [ctx.route?.name]),
    ...named('service', service, ctx.service, [ctx.service?.name]),
    ...named('consumer', consumer, ctx.consumer, [ctx.consumer?.username, ctx.consumer?.custom_id]),
    ...(headers === undefined ? [] : below(['headers'], compareHeaders(headers, answer.headers))),
    ...(body === undefined ? [] : below(['body'], compareBody(body, answer.body))),
    ...(upstream === undefined ? [] : below(['upstream'], compareUpstream(upstream, result))),
  ];
}

/** An answer that was cut off has the status that it began with, and is none. */
const compareStatus = (expected: number, { answer }: SessionResult): Mismatch[] =>
  compareValue('status', expected, answer.isCut ? 'a connection that was cut' : answer.status);

/** By any of its names, or its id. */
function named(
  subject: 'route' | 'service' | 'consumer',
  expected: string | null | undefined,
  got: { readonly id: string } | undefined,
  names: readonly (string | null | undefined)[],
): readonly Mismatch[] {
  if (expected === undefined) return [];
  const isMet =
    expected === null ? got === undefined : got?.id === expected || names.includes(expected);
  if (isMet) return [];
  const called = names.find((name) => name !== null && name !== undefined);
  return below([subject], compareValue(subject, expected, called ?? got?.id ?? null));
}

function compareUpstream(
  expected: UpstreamExpectation | null,
  { asked, answer }: SessionResult,
): readonly Mismatch[] {
  const last = asked.at(-1);
  if (expected === null) {
    if (last === undefined) return [];
    const got = `${last.method} ${urlOf(last)}`;
    return [{ path: [], subject: 'upstream', expected: 'no request', got }];
  }
  const { tries } = expected;
  const counted =
    tries === undefined
      ? []
      : below(['tries'], compareValue('tries at the upstream', tries, asked.length));
  if (last !== undefined) return [...counted, ...compareRequest(expected, last)];
  if (tries === 0) return counted;
  const got = `none, the gateway answered ${answer.status}`;
  return [{ path: [], subject: 'upstream', expected: 'a request', got }];
}

function compareRequest(
  { method, url, headers, body, token }: UpstreamExpectation,
  request: UpstreamRequest,
): readonly Mismatch[] {
  return [
    ...(method === undefined
      ? []
      : below(['method'], compareValue('upstream method', method, request.method))),
    ...(url === undefined ? [] : below(['url'], compareText('upstream URL', url, urlOf(request)))),
    ...(headers === undefined
      ? []
      : below(['headers'], compareHeaders(headers, request.headers)).map(ofUpstream)),
    ...(body === undefined ? [] : below(['body'], compareBody(body, request.body)).map(ofUpstream)),
    ...(token === undefined ? [] : below(['token'], compareTokens(token, request.headers))),
  ];
}

const ofUpstream = (mismatch: Mismatch): Mismatch => ({
  ...mismatch,
  subject: `upstream ${mismatch.subject}`,
});

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

function urlOf({ scheme, peer, path }: UpstreamRequest): string {
  const host = peer.hostname.includes(':') ? `[${peer.hostname}]` : peer.hostname;
  const port = peer.port === DEFAULT_PORTS[scheme] ? '' : `:${peer.port}`;
  return `${scheme}://${host}${port}${path}`;
}

function compareTokens(
  expected: SentTokenExpectation | readonly SentTokenExpectation[],
  headers: Readonly<HeaderList>,
): readonly Mismatch[] {
  if (!('header' in expected)) {
    return expected.flatMap((each, i) => below([i], compareToken(each, headers)));
  }
  return compareToken(expected, headers);
}

function compareToken(
  { header: name, claims, alg, kid }: SentTokenExpectation,
  headers: Readonly<HeaderList>,
): readonly Mismatch[] {
  const value = headerValue(headers, name.toLowerCase());
  const [header, payload] = (value ?? '')
    .replace(/^bearer\s+/i, '')
    .split('.')
    .map(jsonIn);
  const subject = `token in upstream header ${name}`;
  if (!isFields(header) || !isFields(payload)) {
    const got = value === undefined ? 'nothing' : 'something else';
    return [{ path: ['header'], subject, expected: 'a JWT', got }];
  }
  const { alg: algorithm, kid: id } = header;
  return [
    ...(claims === undefined
      ? []
      : below(['claims'], compareJson(`claims of the ${subject}`, claims, payload))),
    ...(alg === undefined
      ? []
      : below(['alg'], compareValue(`alg of the ${subject}`, alg, algorithm))),
    ...(kid === undefined
      ? []
      : below(
          ['kid'],
          compareText(`kid of the ${subject}`, kid, typeof id === 'string' ? id : undefined),
        )),
  ];
}

function jsonIn(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
