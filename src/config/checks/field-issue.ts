/** One thing wrong with one entity. */
import type { ConfigPath } from '../../errors.ts';

/** As `ConfigIssue`, with a path relative to the entity. */
export interface FieldIssue {
  /** Of the catalogue (`diagnostic-codes.ts`). */
  readonly code: string;
  readonly path: ConfigPath;
  /** Kong's own words. */
  readonly message: string;
  /** A whole sentence for people, where `message` is too short for them. */
  readonly summary?: string;
  /** What that sentence says of the field or entity at `path`, e.g. `needs one of 'jwk', 'pem'`. */
  readonly predicate?: string;
  /** What a report points at, when that is not `path`. */
  readonly at?: ConfigPath;
  /** True for a rule about a whole record: the entity (empty `path`) or one inside of it. */
  readonly entityLevel?: boolean;
  /** What to do about it, where the message does not say. */
  readonly hint?: string;
  /** True for what Kong adds to another issue; it says nothing new to people. */
  readonly isEcho?: boolean;
}

/** Plain data with free keys, as parsed: never looked up by a name that a client chose. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A rule about the whole entity. */
export const entityIssue = (code: string, message: string): FieldIssue => ({
  code,
  path: [],
  message,
  entityLevel: true,
});
