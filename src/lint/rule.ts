/** What a rule of the linter is given and what it answers with. */
import type { ConfigPath, SourceRange } from '../errors.ts';
import type { LintView } from './view.ts';

/** Where a finding belongs: a field of an entity, or a stretch of a text. */
export type Place =
  | { readonly kind: 'entity'; readonly id: string; readonly below: ConfigPath }
  | { readonly kind: 'text'; readonly path: ConfigPath; readonly range: SourceRange };

/** What a rule says. Never holds a secret. */
export interface Finding {
  /** One sentence without its full stop: what is dangerous or surprising. */
  readonly message: string;
  /** One sentence without its full stop: what to do. */
  readonly help: string;
  readonly at: Place;
  readonly related?: readonly RelatedFinding[];
  /** The word that was probably meant. */
  readonly suggestion?: string;
}

export interface RelatedFinding {
  readonly message: string;
  readonly at: Place;
}

export interface Rule {
  /** `SB2…`; its paragraph in `docs/diagnostics.md` tells when it fires and when not. */
  readonly code: string;
  readonly check: (view: LintView) => readonly Finding[] | Promise<readonly Finding[]>;
}

/** @param below the field, from the entity on */
export const at = (entity: { readonly id: string }, ...below: ConfigPath): Place => ({
  kind: 'entity',
  id: entity.id,
  below,
});

/** Nobody reads more places that say the same. */
const RELATED_MAX = 5;

/** The other places of one finding; what is too much is counted. */
export function others(places: readonly Place[], message: string): RelatedFinding[] {
  const shown = places.slice(0, RELATED_MAX).map((place) => ({ message, at: place }));
  const last = shown.at(-1);
  const more = places.length - shown.length;
  if (last === undefined || more === 0) return shown;
  return [...shown.slice(0, -1), { ...last, message: `${message}, and ${more} more` }];
}
