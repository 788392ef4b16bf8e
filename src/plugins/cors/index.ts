/** Answers preflight requests and tells browsers what other origins may do (Fetch, "CORS protocol"). Kong: cors. */
import type { CorsConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { headerValue, removeHeader, setHeader, type HeaderList } from '../../http/headers.ts';
import type { ExitResponse } from '../../http/response.ts';
import { definePlugin, type Immutable, type RequestContext } from '../../plugin.ts';
import { compileAllowOrigin, type AllowOrigin } from './allow-origin.ts';

const ALLOW_ORIGIN = 'Access-Control-Allow-Origin';
const ALL_METHODS = 'GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT';

export const cors = definePlugin<CorsConfig>({
  name: 'cors',
  priority: 2000,
  compile(config, { compileRegex }) {
    const allowOrigin = compileAllowOrigin(config.origins ?? [], compileRegex);
    const answerPreflight = compilePreflight(config, allowOrigin);
    const exposed = listOf(config.exposed_headers);
    const needsOrigin = config.allow_origin_absent === false;
    /** Preflights that `access` saw: their answers have all their headers, or get them from the upstream. */
    const preflights = new WeakSet<RequestContext>();
    return {
      access(ctx) {
        if (!isPreflight(ctx)) return undefined;
        preflights.add(ctx);
        return config.preflight_continue ? undefined : answerPreflight(ctx);
      },
      headerFilter(ctx, { headers }) {
        if (ctx.method === 'OPTIONS' && preflights.has(ctx)) return;
        const origin = headerValue(ctx.headers, 'origin');
        if (needsOrigin && origin === undefined) return;
        setOrigin(headers, origin, { allowOrigin, credentials: config.credentials });
        if (exposed !== undefined) setHeader(headers, 'Access-Control-Expose-Headers', exposed);
      },
    };
  },
});

const isPreflight = ({ method, headers }: RequestContext): boolean =>
  method === 'OPTIONS' &&
  headerValue(headers, 'origin') !== undefined &&
  headerValue(headers, 'access-control-request-method') !== undefined;

const listOf = (values: readonly string[] | null): string | undefined =>
  values === null || values.length === 0 ? undefined : bytesOfText(values.join(','));

function compilePreflight(
  config: Immutable<CorsConfig>,
  allowOrigin: AllowOrigin,
): (ctx: RequestContext) => ExitResponse {
  const { credentials, max_age: maxAge, private_network: privateNetwork } = config;
  const allowedHeaders = listOf(config.headers);
  const methods = listOf(config.methods) ?? ALL_METHODS;
  return ({ headers: asked }) => {
    const headers: HeaderList = [];
    setOrigin(headers, headerValue(asked, 'origin'), { allowOrigin, credentials });
    // Here nobody else has set it.
    if (headerValue(headers, 'vary') !== undefined) setHeader(headers, 'vary', 'Origin');
    const requested = allowedHeaders ?? headerValue(asked, 'access-control-request-headers');
    if (requested !== undefined) headers.push('Access-Control-Allow-Headers', requested);
    headers.push('Access-Control-Allow-Methods', methods);
    if (maxAge !== null) headers.push('Access-Control-Max-Age', String(maxAge));
    if (privateNetwork && headerValue(asked, 'access-control-request-private-network') === 'true') {
      headers.push('Access-Control-Allow-Private-Network', 'true');
    }
    return { kind: 'exit', status: 200, headers, body: undefined };
  };
}

/** Sets the fields about the origin, over those that an upstream may have set; Vary is added to. */
function setOrigin(
  headers: HeaderList,
  origin: string | undefined,
  {
    allowOrigin,
    credentials,
  }: { readonly allowOrigin: AllowOrigin; readonly credentials: boolean },
): void {
  const { value, varies } = allowOrigin(origin);
  if (varies) headers.push('vary', 'Origin');
  if (value === undefined) removeHeader(headers, 'access-control-allow-origin');
  else setHeader(headers, ALLOW_ORIGIN, value);
  if (!credentials) return;
  // With credentials a browser takes no `*` (Fetch, "CORS check"), so its own origin is named.
  if (value === '*') {
    if (origin === undefined) return;
    headers.push('vary', 'Origin');
    setHeader(headers, ALLOW_ORIGIN, origin);
  }
  setHeader(headers, 'Access-Control-Allow-Credentials', 'true');
}
