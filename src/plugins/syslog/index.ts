/** Writes a record of each request to the syslog of this machine. Kong: syslog. */
import type { SyslogConfig } from '../../config/schema-types.ts';
import { definePlugin, type Plugin } from '../../plugin.ts';
import { recordText } from '../../telemetry/record.ts';
import { severityOf, type Severity } from '../../telemetry/severity.ts';
import { createLoggerProcess, type LoggerProcess } from './logger-process.ts';

export interface SyslogPlace {
  readonly program: string;
  readonly socket: string;
}

/** The plugin for a syslog that listens there. */
export const syslogAt = ({ program, socket }: SyslogPlace): Plugin<SyslogConfig> =>
  definePlugin<SyslogConfig>({
    name: 'syslog',
    priority: 4,
    compile(config, { log }) {
      // One for each severity that comes up: the program is told it once.
      const writers = new Map<Severity, LoggerProcess>();
      const writerOf = (severity: Severity): LoggerProcess => {
        const known = writers.get(severity);
        if (known !== undefined) return known;
        const priority = `${config.facility}.${severity}`;
        const made = createLoggerProcess({ program, socket, priority, log });
        writers.set(severity, made);
        return made;
      };
      return {
        measures: true,
        log(ctx, outcome) {
          const severity = severityOf(config, outcome.status);
          if (severity !== undefined) writerOf(severity).write(recordText(ctx, outcome));
        },
        async close() {
          await Promise.all([...writers.values()].map((writer) => writer.close()));
        },
      };
    },
  });

export const syslog = syslogAt({ program: 'logger', socket: '/dev/log' });
