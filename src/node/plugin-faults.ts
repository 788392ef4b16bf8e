/**
 * Errors that nobody catches, thrown by own plugins outside of a request: from a timer, from a promise
 * that was dropped. They are logged, and the process goes on; any other one ends it, as always.
 */
import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PluginSet } from '../gateway/plugins.ts';
import type { Logger } from '../log.ts';

export interface FaultCatcher {
  /** These plugins run from now on; those before may go on for a while. */
  follow(plugins: PluginSet): void;
}

/** Changes nothing for the process until there is an own plugin. @param end what any other error leads to */
export function catchFaults(log: Logger, end: (error: unknown) => void): FaultCatcher {
  const owners = new Map<string, string>();
  const onError = (error: unknown): void => {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    const [, plugin] = [...owners].find(([source]) => stack.includes(source)) ?? [];
    if (plugin === undefined) end(error);
    else log.error({ err: error, plugin }, 'an own plugin failed outside of a request');
  };
  return {
    follow({ own }) {
      if (own.length > 0 && owners.size === 0) process.on('uncaughtException', onError);
      for (const { plugin, url } of own) {
        for (const source of sourcesOf(url)) owners.set(source, plugin.name);
      }
    },
  };
}

/** What stacks name: the files that the module was made of, and the module itself. */
function sourcesOf(url: string): readonly string[] {
  const path = fileURLToPath(url);
  const sources = findSourceMap(path)?.payload.sources ?? [];
  return [path, ...sources.map((source) => fileURLToPath(new URL(source, url)))];
}
