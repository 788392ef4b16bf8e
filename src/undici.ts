/** undici, loaded when the first connection is made: `validate` makes none, and should not wait for it. */
import { createRequire } from 'node:module';

type Undici = typeof import('undici');

let loaded: Undici | undefined;

/** Call it early where requests will come: the first one should not pay for the loading. */
export function undici(): Undici {
  if (loaded === undefined) {
    const library: Undici = createRequire(import.meta.url)('undici');
    loaded = library;
  }
  return loaded;
}
