/** `silverback plugin new NAME`: the template of a plugin of one's own, and its test. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN_NAMES } from '../../../config/schemas.ts';
import { isPluginName } from '../../../own-plugins/definition.ts';
import { print, printError, type ExitCode } from '../context.ts';
import { writeNew } from '../write-new.ts';
import { pluginSource, pluginTest } from './template.ts';

export interface PluginNewFlags {
  readonly js?: boolean;
  /** Where it is written; made when it is not there. */
  readonly dir: string;
}

/** Nothing is overwritten. */
export function pluginNewCommand(name: string, { js, dir }: PluginNewFlags): ExitCode {
  if (!isPluginName(name) || PLUGIN_NAMES.includes(name)) {
    printError(
      PLUGIN_NAMES.includes(name)
        ? `silverback: '${name}' is a plugin of this version; choose another name`
        : `silverback: '${name}' is no name; use lower-case letters, digits and dashes, e.g. my-plugin`,
    );
    return 2;
  }
  const file = `${name}.${js === true ? 'mjs' : 'ts'}`;
  const texts = [
    [join(dir, file), pluginSource(name)],
    [join(dir, `${name}.test.mjs`), pluginTest(name, file)],
  ] as const;
  mkdirSync(dir, { recursive: true });
  for (const [path, text] of texts) {
    if (!writeNew(path, text)) {
      printError(`${path} already exists.\nWill not overwrite it.`);
      return 1;
    }
    print(`wrote ${path}`);
  }
  print(nextSteps(name, join(dir, file), dir));
  return 0;
}

const nextSteps = (name: string, path: string, dir: string): string => {
  const plugins = `bundled,./${path.replaceAll('\\', '/')}`;
  return `
  node --test ${dir}                                                 its test (needs: npm install silverback)
  silverback schema --plugins ${plugins} > .silverback.schema.json   so that editors know it
  silverback start -c kong.yaml --plugins ${plugins}

in kong.yaml:

  plugins:
    - name: ${name}
      config:
        allow: [shop]`;
};
