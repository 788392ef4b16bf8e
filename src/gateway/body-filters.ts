/** The plugins that change the body of one answer, in the order of the chain. */
import type { PluginPhases, RequestContext, ResponseHead } from '../plugin.ts';
import type { Chain } from './chain.ts';

type BodyFilter = NonNullable<PluginPhases['bodyFilter']>;

export interface BodyFilters {
  /** False when all of them only read: the length stays. */
  readonly changesBody: boolean;
  /** What to send of a chunk now; `undefined` as a chunk is the end. Throws what a plugin throws. */
  filter(chunk: Buffer | undefined): Buffer | undefined;
  /** The same for a body that is there as a whole. */
  filterWhole(body: string | Uint8Array): Buffer;
}

/** `undefined` when no plugin wants this answer's body. */
export function bodyFiltersFor(
  chain: Chain,
  ctx: RequestContext,
  head: ResponseHead,
): BodyFilters | undefined {
  // Most answers have none: nothing is made for them.
  let filters: BodyFilter[] | undefined;
  let changesBody = false;
  for (const phases of chain) {
    if (phases?.bodyFilter === undefined) continue;
    const wants = phases.filtersBody?.(ctx, head) ?? true;
    if (wants === false) continue;
    (filters ??= []).push(phases.bodyFilter);
    if (wants === true) changesBody = true;
  }
  return filters && inOrder(filters, ctx, changesBody);
}

function inOrder(
  filters: readonly BodyFilter[],
  ctx: RequestContext,
  changesBody: boolean,
): BodyFilters {
  function filter(chunk: Buffer | undefined): Buffer | undefined {
    let current = chunk;
    for (const apply of filters) {
      if (chunk === undefined) current = finish(apply, current);
      // What one plugin holds back, the next one does not see yet.
      else if (current === undefined) return undefined;
      else current = apply(ctx, current);
    }
    return current;
  }

  /** The end comes after what the plugin before held back until then. */
  function finish(apply: BodyFilter, rest: Buffer | undefined): Buffer | undefined {
    const last = rest === undefined ? undefined : apply(ctx, rest);
    const end = apply(ctx, undefined);
    if (last === undefined || end === undefined) return last ?? end;
    return Buffer.concat([last, end]);
  }

  return {
    changesBody,
    filter,
    filterWhole(body) {
      const whole = Buffer.from(body);
      const first = whole.length === 0 ? undefined : filter(whole);
      return Buffer.concat([first, filter(undefined)].filter((part) => part !== undefined));
    },
  };
}
