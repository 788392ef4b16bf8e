/** Sends a record of each request to an HTTP server, alone or in batches. Kong: http-log. */
import type { HttpLogConfig } from '../../config/schema-types.ts';
import { ConfigError } from '../../errors.ts';
import { bytesOfText } from '../../http/bytes.ts';
import { parseLooseUrl } from '../../http/loose-url.ts';
import { definePlugin, type Immutable, type PluginBuild } from '../../plugin.ts';
import type { OutboundRequest } from '../../services.ts';
import { queueSettings } from '../../telemetry/queue-settings.ts';
import { createQueue } from '../../telemetry/queue.ts';
import { recordText } from '../../telemetry/record.ts';

type Config = Immutable<HttpLogConfig>;

export const httpLog = definePlugin<HttpLogConfig>({
  name: 'http-log',
  priority: 12,
  compile(config, build) {
    const settings = queueSettings('http-log', config, build.log);
    const request = requestFor(config, build);
    const isList = settings.max_batch_size > 1;
    const queue = createQueue({
      settings,
      log: build.log,
      async send(batch, signal) {
        const body = isList ? `[${batch.join(',')}]` : (batch[0] ?? '');
        const { status } = await build.services.outbound.request({ ...request, body, signal });
        if (status >= 300) throw new Error(`the server answered ${status}`);
      },
    });
    return {
      measures: true,
      log: (ctx, outcome) => queue.push(recordText(ctx, outcome)),
      close: () => queue.close(),
    };
  },
});

/** What the sendings of one entry share. */
function requestFor(config: Config, { reveal }: PluginBuild): OutboundRequest {
  const endpoint = reveal(config.http_endpoint);
  if (!/^https?:/i.test(endpoint) || !URL.canParse(endpoint)) {
    throw new ConfigError([{ path: ['http_endpoint'], message: 'must be an http or https URL' }]);
  }
  const url = new URL(endpoint);
  url.username = url.password = url.search = url.hash = '';
  const { userinfo } = parseLooseUrl(endpoint);
  const headers = ['content-type', config.content_type];
  // As it stands in the URL, as Kong sends it.
  if (userinfo !== undefined) {
    headers.push('authorization', `Basic ${Buffer.from(userinfo).toString('base64')}`);
  }
  for (const [name, value] of Object.entries(config.headers ?? {})) {
    headers.push(name, bytesOfText(reveal(value)));
  }
  return {
    url: url.href,
    method: config.method,
    headers,
    // As in Kong 3.9, which has no field for it.
    tls: { verify: false },
    timeoutMs: Math.ceil(config.timeout),
    keepaliveMs: Math.max(1, Math.ceil(config.keepalive)),
  };
}
