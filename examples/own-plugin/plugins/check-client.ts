/** check-client: asks every client for its name, and lets those pass that may call. */
import { definePlugin, exitJson, headerValue, setHeader } from 'silverback';

export default definePlugin({
  name: 'check-client',
  // Higher runs earlier: key-auth has 1250, rate-limiting 910, request-transformer 801.
  priority: 900,
  // Of `config` in kong.yaml. It is checked and completed, and editors show it (silverback schema).
  schema: {
    description: 'Asks every client for its name.',
    properties: {
      header: {
        type: 'string',
        default: 'X-Client',
        minLength: 1,
        description: 'The header that holds the name.',
        examples: ['X-App'],
      },
      allow: {
        type: 'array',
        'x-kong-type': 'set',
        items: { type: 'string' },
        description: 'Names that may call; all of them when it is unset.',
        examples: [['shop', 'backoffice']],
      },
    },
  },
  compile(config, build) {
    // Once for each entry and load: what is worked out here costs the requests nothing.
    const name = config.header.toLowerCase();
    const allowed = config.allow === null ? undefined : new Set(config.allow);
    return {
      // Before the upstream is asked. An answer ends the request; undefined lets it pass.
      access(ctx) {
        const client = headerValue(ctx.headers, name);
        if (client === undefined) {
          return exitJson(400, { message: `${config.header} is missing` });
        }
        if (allowed !== undefined && !allowed.has(client)) {
          return exitJson(403, { message: 'this client may not call' });
        }
        setHeader(ctx.headers, 'X-Checked-By', 'check-client');
        return undefined;
      },
      // The head of every answer, also of those that are made here.
      headerFilter(ctx, head) {
        setHeader(head.headers, 'X-Plugin', 'check-client');
      },
      // When the client has its answer.
      log(ctx, outcome) {
        build.log.debug({ request_id: ctx.id, status: outcome.status }, 'answered');
      },
    };
  },
});
