/** Sends a record of each request as one datagram. Kong: udp-log. */
import type { UdpLogConfig } from '../../config/schema-types.ts';
import { definePlugin } from '../../plugin.ts';
import { recordText } from '../../telemetry/record.ts';
import { createUdpSender } from '../../telemetry/udp-sender.ts';

export const udpLog = definePlugin<UdpLogConfig>({
  name: 'udp-log',
  priority: 8,
  compile({ host, port, timeout }, { services, log }) {
    const sender = createUdpSender({ host, port, timeoutMs: timeout }, services.resolve, log);
    return {
      measures: true,
      log: (ctx, outcome) => sender.send(recordText(ctx, outcome)),
      close: () => sender.close(),
    };
  },
});
