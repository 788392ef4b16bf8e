/** The audit trail: one JSON line for each request that changed something, tried to, or came with a wrong token. */
import type { Fields } from '../config/checks/field-issue.ts';
import type { PluginSchemas } from '../config/schemas.ts';
import { maskEntity } from '../config/secret-fields.ts';
import type { EntityKind } from '../config/types.ts';
import type { AdminClient } from './guard/index.ts';
import type { TokenFault } from './guard/tokens.ts';
import { maskAdminTarget } from './mask-target.ts';

/** Who, as far as it is known. */
export type AuditedClient = Pick<AdminClient, 'address' | 'token' | 'certificate'>;

/** One write that is live. */
export interface AuditedChange {
  /** The request's own, so that its answer is not told a second time. */
  readonly who: AuditedClient;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly entity: { readonly kind: EntityKind; readonly id: string };
  /** The entity as the Admin API showed it before; absent: it was created. */
  readonly before: Fields | undefined;
  /** As it shows it now; absent: it was removed. */
  readonly after: Fields | undefined;
}

/** A request and what became of it. */
export interface AuditedAnswer {
  readonly who: AuditedClient;
  readonly method: string;
  /** As received; the query is left out. */
  readonly target: string;
  readonly status: number;
  /** Why it was not let in. */
  readonly fault?: TokenFault | 'scope' | undefined;
}

export interface AuditTrail {
  readonly changed: (change: AuditedChange) => void;
  /** Says nothing about a request whose change was told. */
  readonly answered: (answer: AuditedAnswer) => void;
}

/** Of an entity in a line; a larger one is named and not shown. */
const ENTITY_LENGTH_MAX = 64 * 1024;

/**
 * @param write takes one line without its end
 * @param plugins whose schemas say which fields are secret
 */
export function createAuditTrail(
  write: (line: string) => void,
  plugins: () => PluginSchemas,
): AuditTrail {
  const told = new WeakSet<AuditedClient>();
  return {
    changed({ who, method, path, entity, before, after }) {
      told.add(who);
      const { kind, id } = entity;
      const show = (fields: Fields | undefined): Fields | null =>
        shownEntity(kind, fields, plugins());
      const shown = { before: show(before), after: show(after) };
      const request = { method, path: maskAdminTarget(path) };
      write(line('change', who, { ...request, entity: { kind, id }, ...shown }));
    },
    answered({ who, method, target, status, fault }) {
      if (told.has(who)) return;
      const [path = ''] = target.split('?', 1);
      const request = { method, path: maskAdminTarget(path), status };
      const event = fault === undefined ? 'request' : 'refused';
      write(line(event, who, fault === undefined ? request : { ...request, reason: fault }));
    },
  };
}

function line(event: string, { address, token, certificate }: AuditedClient, rest: object): string {
  const who = { address, token: token ?? null, certificate: certificate ?? null };
  return JSON.stringify({ time: new Date().toISOString(), event, ...who, ...rest });
}

function shownEntity(
  kind: EntityKind,
  entity: Fields | undefined,
  plugins: PluginSchemas,
): Fields | null {
  if (entity === undefined) return null;
  const masked = maskEntity({ kind, entity }, plugins);
  const { length } = JSON.stringify(masked);
  return length > ENTITY_LENGTH_MAX ? { left_out: `${length} characters` } : masked;
}
