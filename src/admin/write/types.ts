/** What a write of the Admin API hands to the process that owns the files, and what it is told. */
import type { EntityPlace } from '../../config/load.ts';
import type { Fields } from '../../config/checks/field-issue.ts';
import type { PluginSchemas } from '../../config/schemas.ts';
import type { Config, EntityKind } from '../../config/types.ts';
import type { ValueEdit } from '../../edit/edit-text.ts';
import type { ConfigError } from '../../errors.ts';
import type { AuditedChange, AuditedClient } from '../audit.ts';
import type { AdminResponse } from '../response.ts';

/** The request that a write comes from. */
export interface WriteOrigin {
  readonly who: AuditedClient;
  readonly method: string;
  /** As requested, without the query. */
  readonly path: string;
}

/** One write that is in the file and live in every worker. */
export interface WriteChange extends AuditedChange {
  /** The files that were replaced. */
  readonly files: readonly WrittenFile[];
}

export interface WrittenFile {
  readonly path: string;
  readonly oldText: string;
  readonly newText: string;
}

/**
 * Told of every write after its commit, one at a time and in order; the answer to the client waits for
 * it. What it throws is logged and changes nothing.
 */
export type OnWrite = (change: WriteChange) => void | Promise<void>;

/** One file of the document, as it is now. */
export interface BaseFile {
  readonly path: string;
  /** Its value as written: references, shorthands and all. */
  readonly value: Fields;
  /** Whether texts like `${NAME}` stand for something there. */
  readonly hasReferences: boolean;
}

/** What a write is planned on: the files as they are now, loaded. */
export interface WriteBase {
  readonly config: Config;
  /** Of every plugin that there is. */
  readonly schemas: PluginSchemas;
  /** False when passwords in the files are digests. */
  readonly transform: boolean;
  /** The first gets what belongs to no other. */
  readonly files: readonly BaseFile[];
  placeOf(kind: EntityKind, id: string): EntityPlace | undefined;
}

/** A change of one of the base's files, by its number. */
export interface FileEdit {
  readonly file: number;
  readonly edit: ValueEdit;
}

/** Where the entity of a write is afterwards. */
export type Subject =
  | { readonly kind: EntityKind; readonly id: string }
  /** A new one, whose id the load computes. */
  | { readonly kind: EntityKind; readonly place: EntityPlace };

export interface WriteEdit {
  readonly edits: readonly FileEdit[];
  readonly subject: Subject;
  /** The entity before. */
  readonly before: Fields | undefined;
  /** Ids of entities that have a new `updated_at`. */
  readonly touched: ReadonlySet<string>;
  /** Looks at what the files would mean with the edits in them: an answer here ends the write. */
  readonly check?: ((config: Config, id: string) => AdminResponse | undefined) | undefined;
  /** What the client is told when it is live. */
  readonly answer: (config: Config, id: string) => AdminResponse;
  /** What the client is told when the document does not load with the edit in it. */
  readonly refuse: (error: ConfigError, place: EntityPlace | undefined) => AdminResponse;
}

/** A plan must not have effects of its own: it may be made again on newer files. */
export type PlanWrite = (base: WriteBase) => WriteEdit | AdminResponse;

export interface ConfigWriter {
  /** Resolves when the write is live in every worker, or will never be. Rejects on our own bugs only. */
  write(origin: WriteOrigin, plan: PlanWrite): Promise<AdminResponse>;
}
