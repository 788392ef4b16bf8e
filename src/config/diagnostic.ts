/** One finding about a declarative config, as every report shows it: where, what is wrong, what to do. */
import type { ConfigPath } from '../errors.ts';

export type Severity = 'error' | 'warning';

/** A stretch of a source text. All count from 1; the end is exclusive. */
export interface SourceRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Another place that has to do with a finding, e.g. the entity that already has the name. */
export interface RelatedPlace {
  /** A clause, e.g. `the first service named 'pay'`. */
  readonly message: string;
  readonly range: SourceRange | undefined;
}

/** Never holds a secret: messages name fields, not values that could be one. */
export interface Diagnostic {
  /** Stable, e.g. `SB1042`: SB1… are errors, SB2… warnings. Each has its paragraph in `docs/diagnostics.md`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly help: string;
  /** From the document's root. */
  readonly path: ConfigPath;
  /** Absent when the document came as an object and not as text. */
  readonly range: SourceRange | undefined;
  readonly related: readonly RelatedPlace[];
  /** The word that was probably meant, to be put in place of what stands in `range`. */
  readonly suggestion?: string;
}
