/** `silverback init [FILE]`: a commented kong.yaml to begin with, which editors understand. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { publishedSchema, schemaText } from '../../config/editor-schema/document.ts';
import { print, printError, type ExitCode } from './context.ts';
import { writeNew } from './write-new.ts';

/** Where the schema stands in a project that has the package. */
const INSTALLED = 'node_modules/silverback/schemas/silverback.schema.json';
/** Its copy beside the file elsewhere; a folder of configs passes over names that begin with a dot. */
const COPY = '.silverback.schema.json';

const example = (file: string, schema: string): string => `# yaml-language-server: $schema=${schema}
#
# The declarative config of a gateway. Editors complete and check it by the line above:
# VS Code with the extension "YAML" by Red Hat, others with yaml-language-server.
#
#   silverback validate ${file}     every problem, with its line and what to do
#   silverback start -c ${file}     the proxy on :8000; saving the file reloads it
_format_version: '3.0'

# A service is an API behind the gateway; its routes say which requests go there.
services:
  - name: example
    url: http://localhost:9080
    routes:
      - name: example
        paths: [/example] # curl -i localhost:8000/example

# A plugin at the top runs for every request; below a service or a route, for theirs only.
plugins:
  - name: correlation-id
    config:
      header_name: X-Request-Id

# To let only known callers in, with a key from the environment, take the # off:
#  - name: key-auth
#    config:
#      key_in_query: false
#
#consumers:
#  - username: alice
#    keyauth_credentials:
#      - key: \${ALICE_KEY} # curl -i -H "apikey: $ALICE_KEY" localhost:8000/example
`;

/** Writes the file, and beside it the schema where no package has it. Never overwrites. */
export function initCommand(file = 'kong.yaml'): ExitCode {
  const folder = dirname(resolve(file));
  const installed = findInstalled(folder);
  const text = example(basename(file), installed ?? `./${COPY}`);
  if (!writeNew(file, text)) {
    printError(`${file} already exists.\nWill not overwrite it.`);
    return 1;
  }
  print(`wrote ${file}`);
  if (installed !== undefined) return 0;
  const copy = join(folder, COPY);
  const isNew = writeNew(copy, schemaText(publishedSchema()));
  print(
    `${isNew ? 'wrote' : 'kept'} ${COPY}, the schema for editors; after an upgrade: silverback schema > ${COPY}`,
  );
  return 0;
}

/** The schema of the package that a program in `folder` would get, relative to the folder. */
function findInstalled(folder: string): string | undefined {
  const found = ancestors(folder)
    .map((parent) => join(parent, INSTALLED))
    .find((path) => existsSync(path));
  if (found === undefined) return undefined;
  const path = relative(folder, found).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
