/** Sends a record of each request over a TCP connection, one a line. Kong: tcp-log. */
import type { TcpLogConfig } from '../../config/schema-types.ts';
import { definePlugin } from '../../plugin.ts';
import { createQueue, type QueueSettings } from '../../telemetry/queue.ts';
import { recordText } from '../../telemetry/record.ts';
import { createTcpSender } from '../../telemetry/tcp-sender.ts';

/** Kong has a timer for each record and tries it once; here lines that wait go together. */
const QUEUE: QueueSettings = {
  max_batch_size: 1000,
  max_coalescing_delay: 0,
  max_entries: 10_000,
  max_bytes: 64 * 1024 * 1024,
  max_retry_time: -1,
  initial_retry_delay: 0.01,
  max_retry_delay: 1,
  concurrency_limit: 1,
};

export const tcpLog = definePlugin<TcpLogConfig>({
  name: 'tcp-log',
  priority: 7,
  compile(config, { services, log }) {
    const { host, port, timeout, keepalive, tls, tls_sni: serverName } = config;
    const sender = createTcpSender(
      {
        host,
        port,
        timeoutMs: timeout,
        keepaliveMs: keepalive,
        tls: tls ? { serverName } : undefined,
      },
      services.resolve,
    );
    const queue = createQueue({
      settings: QUEUE,
      log,
      send: (lines) => sender.send(`${lines.join('\n')}\n`),
    });
    return {
      measures: true,
      log: (ctx, outcome) => queue.push(recordText(ctx, outcome)),
      async close() {
        await queue.close();
        sender.close();
      },
    };
  },
});
