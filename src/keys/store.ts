/** Where generated keysets are kept: a file folder or Redis. Both change a keyset only if nobody else did meanwhile. */

/** A stored text and its version; versions of one name only grow, also over deletions. */
export interface Stored {
  readonly version: number;
  /** `undefined`: it was deleted, or never there (version 0). */
  readonly text: string | undefined;
}

/** Texts by name, with compare-and-set. Every function rejects with a KeysetError when the store fails. */
export interface KeyStore {
  /** For messages and the status: the folder, or the server without credentials. */
  readonly place: string;
  read(name: string): Promise<Stored>;
  /**
   * Makes `text` (or the deletion) the version after `version`. Resolves with false, and nothing has
   * changed, when that is no longer the newest. What was written survives a crash from then on.
   */
  write(name: string, version: number, text: string | undefined): Promise<boolean>;
  /** Names that are not deleted, sorted. */
  list(): Promise<readonly string[]>;
  /** Calls back when any name may have changed, at the latest about a second after it did. */
  watch(onChange: () => void): void;
  close(): Promise<void>;
}

/** The longest name of a keyset. */
export const NAME_LENGTH_MAX = 256;
/** Keysets of one store. */
export const NAMES_MAX = 1000;
