/** The answer of `echo`: the request as the gateway saw it, for people who debug a route. */
import { hostname } from 'node:os';
import { isObject, parseJson } from '../../http/json.ts';
import { parseForm } from '../../http/form.ts';
import { headerValue, type HeaderList } from '../../http/headers.ts';
import { exitJson, type ExitResponse } from '../../http/response.ts';
import type { QueryArgs } from '../../http/query.ts';
import type { RequestContext } from '../../plugin.ts';

/** Reads the body; rejects with a ProxyError when the client goes away. */
export async function echoRequest(
  ctx: RequestContext,
  nodeId: string,
  answer: { readonly status: number; readonly message: string | undefined },
): Promise<ExitResponse> {
  const body = await ctx.body();
  return exitJson(answer.status, {
    message: answer.message,
    kong: { node_id: nodeId, worker_pid: process.pid, hostname: hostname() },
    request: {
      scheme: ctx.scheme,
      host: ctx.host,
      port: ctx.port,
      headers: headerObject(ctx.headers),
      query: argumentObject(ctx.query()),
      body: bodyObject(headerValue(ctx.headers, 'content-type') ?? '', body),
      raw_body: body.toString('utf8'),
      method: ctx.method,
      path: ctx.path,
      uri_captures: captureObject(ctx),
    },
    matched_route: ctx.route,
    matched_service: ctx.service,
  });
}

/** Lower-case names; a repeated field has a list. */
function headerObject(headers: Readonly<HeaderList>): object {
  const fields = new Map<string, string | string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase() ?? '';
    const value = headers[i + 1] ?? '';
    const known = fields.get(name);
    fields.set(name, known === undefined ? value : [known, value].flat());
  }
  return Object.fromEntries(fields);
}

const argumentObject = (args: QueryArgs): object => Object.fromEntries(args);

/** `undefined` for a body without fields. */
function bodyObject(contentType: string, body: Buffer): object | undefined {
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    return argumentObject(parseForm(body));
  }
  if (!contentType.startsWith('application/json')) return undefined;
  const value = parseJson(body)?.value;
  return isObject(value) || Array.isArray(value) ? value : undefined;
}

function captureObject({ captures }: RequestContext): object {
  return {
    named: Object.fromEntries(captures?.named ?? []),
    unnamed: captures?.positional.slice(1) ?? [],
  };
}
