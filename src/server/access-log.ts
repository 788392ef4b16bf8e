/** Access log lines: nginx' combined format with Kong's request id, secrets in queries masked. */
import { headerValue } from '../http/headers.ts';
import { maskTarget } from '../http/mask.ts';
import type { Chain } from '../gateway/chain.ts';
import type { Context } from '../gateway/context.ts';
import type { Outcome } from '../plugin.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

let lastSecond = -1;
let lastText = '';

/** `24/Nov/2026:02:00:01 +0000`; worked out once a second. */
export function timeLocal(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second === lastSecond) return lastText;
  const d = new Date(ms);
  const day = `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}`;
  const time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  lastSecond = second;
  lastText = `${day}:${time} +0000`;
  return lastText;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSAFE = /["\\\u0000-\u001f\u007f-\uffff]/g;

/** Nothing a client sends may break a line or its quoting (nginx escapes alike). */
export function quoted(text: string | undefined): string {
  if (text === undefined || text === '') return '-';
  return text.replace(UNSAFE, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Names are gathered for what has a query only: most requests have none. */
function masked(target: string, chain: Chain): string {
  if (!target.includes('?')) return maskTarget(target, NO_NAMES);
  return maskTarget(target, new Set(chain.flatMap((phases) => phases?.secretQueryNames ?? [])));
}

/** One line without its line end. */
export function accessLine(ctx: Context, outcome: Outcome, chain: Chain): string {
  const { client } = ctx;
  const version = ctx.httpVersion === '2' ? '2.0' : ctx.httpVersion;
  const request = quoted(`${ctx.method} ${masked(client.target, chain)} HTTP/${version}`);
  const referer = quoted(masked(headerValue(ctx.headers, 'referer') ?? '', chain));
  const agent = quoted(headerValue(ctx.headers, 'user-agent'));
  return (
    `${ctx.clientAddress} - - [${timeLocal(outcome.startedAt)}] "${request}" ${outcome.status} ` +
    `${outcome.responseBytes} "${referer}" "${agent}" kong_request_id: "${ctx.id}"`
  );
}
