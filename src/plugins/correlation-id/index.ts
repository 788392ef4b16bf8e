/** Marks each request with an id that the upstream and, if wanted, the client get. Kong: correlation-id. */
import type { CorrelationIdConfig } from '../../config/schema-types.ts';
import { headerValue, setHeader } from '../../http/headers.ts';
import { headerNamesFor } from '../../http/underscores.ts';
import { definePlugin, type RequestContext } from '../../plugin.ts';
import { createGenerator } from './generators.ts';

export const correlationId = definePlugin<CorrelationIdConfig>({
  name: 'correlation-id',
  priority: 100001,
  compile({ header_name: headerName, generator, echo_downstream: echoes }, { now }) {
    const generate = createGenerator(generator, now);
    const lowerNames = headerNamesFor(headerName);

    /** The id the request carries, from the client or since `access`. */
    function known(ctx: RequestContext): string | undefined {
      for (const name of lowerNames) {
        const value = headerValue(ctx.headers, name)?.trim();
        if (value !== undefined && value !== '') return value;
      }
      return undefined;
    }

    return {
      access(ctx) {
        ctx.correlationId = known(ctx);
        if (ctx.correlationId === undefined) {
          ctx.correlationId = generate(ctx);
          setHeader(ctx.headers, headerName, ctx.correlationId);
        }
        return undefined;
      },
      ...(echoes && {
        // A request that no route or an earlier refusal kept from `access` gets its id here.
        headerFilter: (ctx, head) =>
          setHeader(head.headers, headerName, ctx.correlationId ?? known(ctx) ?? generate(ctx)),
      }),
    };
  },
});
