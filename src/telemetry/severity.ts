/** Severities of syslog (RFC 5424 section 6.2.1) as the plugins that speak it choose them. */

export type Severity = 'emerg' | 'alert' | 'crit' | 'err' | 'warning' | 'notice' | 'info' | 'debug';

/** The smaller, the more important. */
export const SEVERITY_CODES: Readonly<Record<Severity, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

export interface SeverityConfig {
  readonly log_level: Severity;
  readonly successful_severity: Severity;
  readonly client_errors_severity: Severity;
  readonly server_errors_severity: Severity;
}

/** The severity of a request with that status; `undefined` when it is less important than `log_level`. */
export function severityOf(config: SeverityConfig, status: number): Severity | undefined {
  const severity =
    status >= 500
      ? config.server_errors_severity
      : status >= 400
        ? config.client_errors_severity
        : config.successful_severity;
  return SEVERITY_CODES[severity] <= SEVERITY_CODES[config.log_level] ? severity : undefined;
}
