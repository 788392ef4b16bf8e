/** Plugins of the user's own in a folder of the test: their files, and a config that uses them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export interface PluginFolder {
  readonly path: string;
  /** Writes a file below the folder, whatever was there. */
  write(name: string, text: string): string;
}

/** It goes with the test. */
export function pluginFolder(
  t: TestContext,
  files: Readonly<Record<string, string>> = {},
): PluginFolder {
  const path = mkdtempSync(join(tmpdir(), 'silverback-own-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write };
}

/** A plugin that names itself and its config to the client, and answers every request. */
export const answering = (text: string, name = 'answering'): string => `
import { definePlugin, exitJson } from 'silverback';
export default definePlugin({
  name: '${name}',
  priority: 700,
  version: '1.2.3',
  schema: {
    description: 'Answers every request.',
    properties: {
      word: { type: 'string', minLength: 2, default: 'none', description: 'Goes into the answer.' },
      times: { type: 'integer', default: 1, minimum: 1, maximum: 3 },
      where: { type: 'object', default: {}, properties: { city: { type: 'string' } } },
    },
  },
  compile: (config) => ({ access: () => exitJson(200, { text: '${text}', ...config }) }),
});
`;

/** One route, \`/\`, with the plugin and its config. */
export const routeWith = (plugin: string, config: object = {}, upstream = ''): string =>
  JSON.stringify({
    _format_version: '3.0',
    services: [
      {
        name: 's',
        url: upstream === '' ? 'http://127.0.0.1:1' : upstream,
        routes: [{ name: 'r', paths: ['/'], plugins: [{ name: plugin, config }] }],
      },
    ],
  });
