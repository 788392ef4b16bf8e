/** Sends a record of each request to Loggly, as one datagram in the form of RFC 5424. Kong: loggly. */
import type { LogglyConfig } from '../../config/schema-types.ts';
import { definePlugin } from '../../plugin.ts';
import { recordText } from '../../telemetry/record.ts';
import { SEVERITY_CODES, severityOf } from '../../telemetry/severity.ts';
import { createUdpSender } from '../../telemetry/udp-sender.ts';

/** Of messages of users; Kong knows no other here. */
const FACILITY = 1;
/** Loggly's own number among the enterprises of the IANA. */
const ENTERPRISE = 41_058;
/** What OpenResty takes for a timeout that is none. */
const DEFAULT_TIMEOUT_MS = 60_000;
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export const loggly = definePlugin<LogglyConfig>({
  name: 'loggly',
  priority: 6,
  compile(config, { services, log, reveal, hostname, now }) {
    const { host, port, timeout } = config;
    const timeoutMs = timeout > 0 ? Math.min(timeout, TIMEOUT_MS_MAX) : DEFAULT_TIMEOUT_MS;
    const sender = createUdpSender({ host, port, timeoutMs }, services.resolve, log);
    const tags = config.tags.map((tag) => `tag="${tag}"`).join(' ');
    const data = `[${reveal(config.key)}@${ENTERPRISE} ${tags}]`;
    return {
      measures: true,
      log(ctx, outcome) {
        const severity = severityOf(config, outcome.status);
        if (severity === undefined) return;
        const priority = 8 * FACILITY + SEVERITY_CODES[severity];
        const time = `${new Date(now()).toISOString().slice(0, 19)}Z`;
        const header = `<${priority}>1 ${time} ${hostname} kong - -`;
        sender.send(`${header} ${data} ${recordText(ctx, outcome)}`);
      },
      close: () => sender.close(),
    };
  },
});
