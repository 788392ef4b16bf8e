/** The runnable examples: every folder of `examples/` but `ci`, which holds no config but what runs one in CI. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const EXAMPLES = join(import.meta.dirname, '../../examples');

const NO_CONFIG: ReadonlySet<string> = new Set(['ci']);

export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES).filter(
  (name) => !NO_CONFIG.has(name),
);
