/** Answers requests without forwarding them. Kong: request-termination. */
import type { RequestTerminationConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { headerValue } from '../../http/headers.ts';
import { exitJson } from '../../http/response.ts';
import { headerNamesFor } from '../../http/underscores.ts';
import { definePlugin, type Immutable, type RequestContext } from '../../plugin.ts';
import { always, defaultAnswer, messageFor, type Answer } from './default-answers.ts';
import { echoRequest } from './echo.ts';

export const requestTermination = definePlugin<RequestTerminationConfig>({
  name: 'request-termination',
  priority: 2,
  compile(config, build) {
    const isTriggered = compileTrigger(config.trigger);
    const answer = compileAnswer(config);
    const { status_code: status, echo } = config;
    const message = config.message ?? messageFor(status);
    return {
      access(ctx) {
        if (!isTriggered(ctx)) return undefined;
        if (echo) return echoRequest(ctx, build.nodeId, { status, message });
        return answer(headerValue(ctx.headers, 'accept'), ctx.id);
      },
    };
  },
});

/** A header or query argument of that name, whatever its value. */
function compileTrigger(trigger: string | null): (ctx: RequestContext) => boolean {
  if (trigger === null) return () => true;
  const headerNames = headerNamesFor(trigger);
  return (ctx) =>
    headerNames.some((name) => headerValue(ctx.headers, name) !== undefined) ||
    ctx.query().has(trigger);
}

function compileAnswer(config: Immutable<RequestTerminationConfig>): Answer {
  const { status_code: status, body, message } = config;
  // There is nothing to describe (RFC 9110 section 15.3.5): Kong drops the type as well.
  if (status === 204) return defaultAnswer(status);
  if (body !== null) return always({ kind: 'exit', status, headers: typeOf(config), body });
  return message === null ? defaultAnswer(status) : always(exitJson(status, { message }));
}

/** Types that Kong's nginx adds its charset to. */
const CHARSET_TYPES =
  /^(text\/(html|plain|xml|vnd\.wap\.wml)|application\/(javascript|rss\+xml))$/i;

function typeOf({ content_type: type }: Immutable<RequestTerminationConfig>): string[] {
  if (type === null) return [];
  const value = CHARSET_TYPES.test(type) ? `${type}; charset=UTF-8` : type;
  return ['Content-Type', bytesOfText(value)];
}
