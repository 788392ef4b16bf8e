/** Where the audit trail goes: written at once and line by line, so that no answer comes before its line. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { createAuditTrail, type AuditTrail } from '../admin/index.ts';
import { BUNDLED_SCHEMAS, type PluginSchemas } from '../config/schemas.ts';
import { SettingsError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Settings } from '../settings/types.ts';

export interface AuditLog {
  readonly trail: AuditTrail;
  /** Opens the file again under its name: for log rotation (SIGUSR1). */
  readonly reopen: () => void;
}

/** Only the gateway's own user may read who did what. */
const MODE = 0o600;

const NONE: AuditLog = {
  trail: createAuditTrail(
    () => undefined,
    () => BUNDLED_SCHEMAS,
  ),
  reopen: () => undefined,
};

/**
 * Opens the log of `admin_audit_log`. Throws SettingsError when it cannot be had: changes without a
 * trail are no start. Later failures are logged, and the change stands.
 * @param plugins whose schemas say which fields are secret
 */
export function openAuditLog(
  { adminAuditLog: target, adminListen }: Pick<Settings, 'adminAuditLog' | 'adminListen'>,
  log: Logger,
  plugins: () => PluginSchemas,
): AuditLog {
  if (target.kind === 'off' || adminListen.length === 0) return NONE;
  const sink = openSink(target.kind === 'file' ? target.path : target.kind === 'stdout' ? 1 : 2);
  sink.on('error', (err: Error) => {
    log.error({ err }, 'admin_audit_log cannot be written: changes leave no trail');
  });
  const reopen = (): void => {
    if (target.kind === 'file') sink.reopen();
  };
  return { trail: createAuditTrail((line) => void sink.write(`${line}\n`), plugins), reopen };
}

function openSink(dest: string | number): ReturnType<typeof pino.destination> {
  try {
    if (typeof dest === 'string') mkdirSync(dirname(dest), { recursive: true });
    return pino.destination({ dest, sync: true, mode: MODE });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingsError([`admin_audit_log = ${dest}: ${reason}; name another file, or off`]);
  }
}
