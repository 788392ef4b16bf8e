/**
 * The examples that run with the plugins of this build: every folder of `examples/` but `ci`, which holds no
 * config but what runs one in CI, and `own-plugin` (`plugin-kit.test.ts`).
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const EXAMPLES = join(import.meta.dirname, '../../examples');

const NO_CONFIG: ReadonlySet<string> = new Set(['ci', 'own-plugin']);

export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES).filter(
  (name) => !NO_CONFIG.has(name),
);
