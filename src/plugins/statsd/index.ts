/** Sends metrics of each request to a StatsD server, in datagrams or over TCP. Kong: statsd. */
import type { StatsdConfig } from '../../config/schema-types.ts';
import { definePlugin, type Immutable, type PluginBuild } from '../../plugin.ts';
import { queueSettings } from '../../telemetry/queue-settings.ts';
import { createQueue } from '../../telemetry/queue.ts';
import { createTcpSender } from '../../telemetry/tcp-sender.ts';
import { createUdpSender } from '../../telemetry/udp-sender.ts';
import { compileMetrics } from './metrics.ts';
import { packetsOf } from './packets.ts';

type Config = Immutable<StatsdConfig>;

/** What Kong gives a connection. */
const TIMEOUT_MS = 1000;
const KEEPALIVE_MS = 60_000;

export const statsd = definePlugin<StatsdConfig>({
  name: 'statsd',
  priority: 11,
  compile(config, build) {
    const linesOf = compileMetrics(config, build.hostname.replaceAll('.', '_'));
    const isCounted = statusFilter(config.allow_status_codes);
    const sender = createSender(config, build);
    const queue = createQueue({
      settings: queueSettings('statsd', config, build.log),
      log: build.log,
      send: (batch) => sender.send(batch.flatMap((entry) => entry.split('\n'))),
    });
    return {
      measures: true,
      log(ctx, outcome) {
        if (!isCounted(outcome.status)) return;
        const lines = linesOf(ctx, outcome);
        if (lines.length > 0) queue.push(lines.join('\n'));
      },
      async close() {
        await queue.close();
        await sender.close();
      },
    };
  },
});

/** Kong takes three digits on both sides of the dash, wherever they stand. */
const RANGE = /(\d{3})-(\d{3})/;

function statusFilter(ranges: readonly string[] | null): (status: number) => boolean {
  if (ranges === null) return () => true;
  const known = ranges.flatMap((range) => {
    const [, from, to] = RANGE.exec(range) ?? [];
    return from === undefined || to === undefined ? [] : [{ from: Number(from), to: Number(to) }];
  });
  return (status) => known.some(({ from, to }) => status >= from && status <= to);
}

interface Sender {
  /** Rejects with an Error when the lines of a batch were not taken. */
  send(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

function createSender(config: Config, { services, log }: PluginBuild): Sender {
  const { host, port, use_tcp: isTcp, udp_packet_size: bytesMax } = config;
  const target = { host, port, timeoutMs: TIMEOUT_MS };
  if (isTcp) {
    const tcp = createTcpSender(
      { ...target, keepaliveMs: KEEPALIVE_MS, tls: undefined },
      services.resolve,
    );
    return {
      send: (lines) => tcp.send(`${lines.join('\n')}\n`),
      close: () => Promise.resolve(tcp.close()),
    };
  }
  const udp = createUdpSender(target, services.resolve, log);
  return {
    async send(lines) {
      // One after another: they are counted up in their order.
      for (const packet of packetsOf(lines, bytesMax)) {
        // oxlint-disable-next-line no-await-in-loop -- see above
        await udp.deliver(packet);
      }
    },
    close: () => udp.close(),
  };
}
