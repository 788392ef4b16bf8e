/**
 * The examples that run with the plugins of this build: every folder of `examples/` but those of scripts (`ci`,
 * `walkthrough`) and `own-plugin`, which have tests of their own.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const EXAMPLES = join(import.meta.dirname, '../../examples');

const NOT_BY_ITSELF: ReadonlySet<string> = new Set(['ci', 'own-plugin', 'walkthrough']);

export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES).filter(
  (name) => !NOT_BY_ITSELF.has(name),
);
