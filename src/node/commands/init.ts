/** `silverback config init`: a commented kong.yml to begin with. */
import { writeFileSync } from 'node:fs';
import { printError, type ExitCode } from './context.ts';

const EXAMPLE = `# A declarative config. Check it with:  silverback validate kong.yml
# Run it with:                           silverback start -c kong.yml
_format_version: "3.0"

services:
  - name: example-service
    url: http://localhost:9080
    routes:
      - name: example-route
        paths:
          - /example
        plugins:
          # A valid key is needed:  curl -H 'apikey: change-me' localhost:8000/example
          - name: key-auth

consumers:
  - username: example-consumer
    keyauth_credentials:
      - key: change-me
`;

/** Never overwrites. */
export function initCommand(file = './kong.yml'): ExitCode {
  try {
    writeFileSync(file, EXAMPLE, { flag: 'wx' });
    return 0;
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'EEXIST') throw error;
    printError(`${file} already exists.\nWill not overwrite it.`);
    return 1;
  }
}
