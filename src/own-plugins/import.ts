/** Modules of own plugins → plugins, in any process of a node. */
import { fileURLToPath } from 'node:url';
import { readDefinition, type ReadDefinition } from './definition.ts';
import type { OwnPlugin } from './types.ts';

/** Rejects with what the module throws while it runs. A module that was imported before is the same again. */
export async function importPlugin(url: string): Promise<ReadDefinition> {
  // Stacks then name the lines that a person wrote, in the log as in messages.
  process.setSourceMapsEnabled(true);
  const exported: unknown = await import(url);
  return readDefinition(exported, url);
}

/** What another process of this node has imported and found to be good. */
export async function importPlugins(urls: readonly string[]): Promise<readonly OwnPlugin[]> {
  const read = await Promise.all(urls.map((url) => importPlugin(url)));
  return read.map((each) => {
    if (each.kind === 'plugin') return each.plugin;
    throw new TypeError(`a plugin ${each.problems.join('; ')}`);
  });
}

/** The first place of a stack that is in one of the files. */
export function placeInStack(
  error: unknown,
  paths: Iterable<string>,
): { readonly path: string; readonly line: number; readonly column: number } | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const known = new Set(paths);
  for (const [, at = '', line, column] of stack.matchAll(
    /(?:\(|at (?:async )?)([^\s()]+):(\d+):(\d+)\)?$/gm,
  )) {
    const path = at.startsWith('file:') ? fileURLToPath(at) : at;
    if (known.has(path)) return { path, line: Number(line), column: Number(column) };
  }
  return undefined;
}
