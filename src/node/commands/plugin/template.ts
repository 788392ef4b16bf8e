/** What `silverback plugin new` writes: a plugin that works as it stands, and its test. */

/** The source is TypeScript and JavaScript at once: its types come from the schema. */
export const pluginSource = (
  name: string,
): string => `/** ${name}: asks every client for its name, and lets those pass that may call. */
import { definePlugin, exitJson, headerValue, setHeader } from 'silverback';

export default definePlugin({
  name: '${name}',
  // Higher runs earlier: key-auth has 1250, rate-limiting 910, request-transformer 801.
  priority: 900,
  // Of \`config\` in kong.yaml. It is checked and completed, and editors show it (silverback schema).
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
          return exitJson(400, { message: \`\${config.header} is missing\` });
        }
        if (allowed !== undefined && !allowed.has(client)) {
          return exitJson(403, { message: 'this client may not call' });
        }
        setHeader(ctx.headers, 'X-Checked-By', '${name}');
        return undefined;
      },
      // The head of every answer, also of those that are made here.
      headerFilter(ctx, head) {
        setHeader(head.headers, 'X-Plugin', '${name}');
      },
      // When the client has its answer.
      log(ctx, outcome) {
        build.log.debug({ request_id: ctx.id, status: outcome.status }, 'answered');
      },
    };
  },
});
`;

/** @param file of the plugin, beside the test */
export const pluginTest = (
  name: string,
  file: string,
): string => `// The test of ${name}: node --test (no gateway and no socket is needed)
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testPlugin } from 'silverback/testing';

async function open(t, config) {
  const plugin = await testPlugin(new URL('./${file}', import.meta.url), { config });
  t.after(() => plugin.close());
  return plugin;
}

test('a client without a name is refused, and the upstream is not asked', async (t) => {
  const plugin = await open(t, {});
  const { status, body, upstream } = await plugin.request();
  assert.equal(status, 400);
  assert.deepEqual(JSON.parse(body), { message: 'X-Client is missing' });
  assert.equal(upstream, undefined);
});

test('only names of the list may call', async (t) => {
  const plugin = await open(t, { header: 'X-App', allow: ['shop'] });
  assert.equal((await plugin.request({ headers: { 'X-App': 'other' } })).status, 403);
  const { status, headers, upstream } = await plugin.request({ headers: { 'X-App': 'shop' } });
  assert.equal(status, 200);
  assert.equal(upstream?.headers.get('X-Checked-By'), '${name}');
  assert.equal(headers.get('X-Plugin'), '${name}');
});

test('a config that is wrong is refused', async (t) => {
  await assert.rejects(open(t, { header: '' }), { code: 'ERR_CONFIG' });
});
`;
