/** Changes requests before they are forwarded. Kong: request-transformer. */
import type { RequestTransformerConfig } from '../../config/schema-types.ts';
import { headerValue } from '../../http/headers.ts';
import { definePlugin, type RequestContext } from '../../plugin.ts';
import { Arguments } from './arguments.ts';
import { bodyKind, transformBody } from './body.ts';
import { environmentOf, type Environment } from './environment.ts';
import { transformHeaders } from './headers.ts';
import { queryOf, transformQuery } from './query.ts';
import { compileRules, hasRules, type CompiledRules } from './rules.ts';

/** Methods whose requests have no body that means anything: a form's arguments go into the query. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'TRACE']);

export const requestTransformer = definePlugin<RequestTransformerConfig>({
  name: 'request-transformer',
  priority: 801,
  compile(config) {
    const rules = compileRules(config);
    const { http_method: method } = config;
    const movesForm = method !== null && WITHOUT_BODY.has(method);
    const transformRest = compileRest(rules);
    return {
      access(ctx) {
        const env = rules.isDynamic ? environmentOf(ctx) : undefined;
        if (rules.uri !== undefined) ctx.upstreamPath = absolute(rules.uri.render(env));
        if (method !== null) ctx.upstreamMethod = method;
        if (movesForm && bodyKind(headerValue(ctx.headers, 'content-type')) === 'form') {
          return ctx.body().then((body) => {
            moveToQuery(ctx, body);
            return transformRest(ctx, env);
          });
        }
        return transformRest(ctx, env);
      },
    };
  },
});

const absolute = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

function moveToQuery(ctx: RequestContext, body: Buffer): void {
  if (body.length === 0) return;
  const args = queryOf(ctx);
  args.addAll(new Arguments(body.toString('latin1')));
  ctx.rawQuery = args.toQuery();
}

/** Headers, then the body, then the query; synchronous when there is no body to look at. */
function compileRest(
  rules: CompiledRules,
): (ctx: RequestContext, env: Environment | undefined) => Promise<undefined> | undefined {
  const [changesHeaders, changesBody, changesQuery] = [
    hasRules(rules.headers),
    hasRules(rules.body),
    hasRules(rules.querystring),
  ];
  return (ctx, env) => {
    if (changesHeaders) transformHeaders(ctx, rules.headers, env);
    const contentType = changesBody ? headerValue(ctx.headers, 'content-type') : undefined;
    if (contentType === undefined || bodyKind(contentType) === undefined) {
      if (changesQuery) transformQuery(ctx, rules.querystring, env);
      return undefined;
    }
    return ctx.body().then((body) => {
      const changed = transformBody(body, contentType, rules.body, env);
      if (changed !== undefined) ctx.setBody(changed);
      if (changesQuery) transformQuery(ctx, rules.querystring, env);
      return undefined;
    });
  };
}
