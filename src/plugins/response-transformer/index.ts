/** Changes answers on their way to the client. Kong: response-transformer. */
import type { ResponseTransformerConfig } from '../../config/schema-types.ts';
import { headerValue, removeHeader } from '../../http/headers.ts';
import { definePlugin, type RequestContext } from '../../plugin.ts';
import { compileBodyRules } from './body.ts';
import { collectBodies } from './collect.ts';
import { compileHeaderRules } from './headers.ts';

const TOKEN = "[!#$%&'*+.^`|~\\w-]+";
/** One media type of the JSON kind, with whole parameters (RFC 9110 section 8.3.1). */
const JSON_TYPE = new RegExp(
  `^application/(?:${TOKEN}\\+)?json(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))*$`,
  'i',
);

const isJson = (contentType: string | undefined): boolean =>
  contentType?.split(',').some((type) => JSON_TYPE.test(type.trim())) === true;

export const responseTransformer = definePlugin<ResponseTransformerConfig>({
  name: 'response-transformer',
  priority: 800,
  compile(config, { log }) {
    const changeHeaders = compileHeaderRules(config);
    const changeBody = compileBodyRules(config);
    if (changeBody === undefined) {
      return { headerFilter: (_, { headers }) => changeHeaders(headers) };
    }
    const bodies = collectBodies<RequestContext>();
    return {
      headerFilter(_, { headers }) {
        changeHeaders(headers);
        // Its length is not known before the whole of it has come.
        if (isJson(headerValue(headers, 'content-type'))) removeHeader(headers, 'content-length');
      },
      filtersBody: (_, { headers }) => isJson(headerValue(headers, 'content-type')),
      bodyFilter(ctx, chunk) {
        const collected = bodies.add(ctx, chunk);
        if (collected.kind === 'pending') return undefined;
        if (collected.kind === 'too-large') return collected.bytes;
        const changed = changeBody(collected.bytes);
        if (changed === undefined && collected.bytes.length > 0) {
          log.warn({ request_id: ctx.id }, 'the answer is no JSON object and was left as it is');
        }
        return changed ?? collected.bytes;
      },
    };
  },
});
