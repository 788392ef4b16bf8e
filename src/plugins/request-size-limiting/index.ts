/** Refuses requests whose body is too large. Kong: request-size-limiting. */
import type { RequestSizeLimitingConfig } from '../../config/schema-types.ts';
import { headerValue } from '../../http/headers.ts';
import { errorResponse, type ErrorResponse } from '../../http/response.ts';
import { definePlugin, type RequestContext } from '../../plugin.ts';

const BYTES_IN = {
  bytes: 1,
  kilobytes: 2 ** 10,
  megabytes: 2 ** 20,
} as const satisfies Record<RequestSizeLimitingConfig['size_unit'], number>;

const TOO_LARGE = 'Request size limit exceeded';
const REFUSAL = errorResponse(413, TOO_LARGE);
const REFUSED_EXPECTATION = errorResponse(417, TOO_LARGE);
const LENGTH_REQUIRED = errorResponse(411, 'A valid Content-Length header is required');

export const requestSizeLimiting = definePlugin<RequestSizeLimitingConfig>({
  name: 'request-size-limiting',
  priority: 951,
  compile(config) {
    const limit = config.allowed_payload_size * BYTES_IN[config.size_unit];
    const judge = (ctx: RequestContext, size: number): ErrorResponse | undefined =>
      size > limit ? refusalFor(ctx) : undefined;
    return {
      access(ctx) {
        const length = headerValue(ctx.headers, 'content-length');
        if (length !== undefined) return judge(ctx, Number(length));
        const coding = headerValue(ctx.headers, 'transfer-encoding');
        if (config.require_content_length && coding !== 'chunked') return LENGTH_REQUIRED;
        // HTTP/1 announces a body by one of the two fields (RFC 9112 section 6.3).
        if (coding === undefined && ctx.httpVersion !== '2') return judge(ctx, 0);
        return ctx.bodySize(limit).then((size) => judge(ctx, size));
      },
    };
  },
});

/** A client that waits for `100 Continue` learns that its expectation failed. */
function refusalFor({ headers }: RequestContext): ErrorResponse {
  const expects = headerValue(headers, 'expect')?.trim().toLowerCase() === '100-continue';
  return expects ? REFUSED_EXPECTATION : REFUSAL;
}
