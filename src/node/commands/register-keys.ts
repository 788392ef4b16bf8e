/** `silverback keys`: names, flags and help of its commands. */
import type { Command } from 'commander';
import type { KeysFlags } from './keys.ts';
import { ADMIN_TOKEN, endWith } from './options.ts';

const commands = () => import('./keys.ts');

function withStore(command: Command): Command {
  return command
    .option('--conf <file>', 'kong.conf with settings')
    .option('-p, --prefix <folder>', 'where pid, logs and certificates are kept')
    .option('--data-dir <folder>', 'where the keys are kept')
    .option('--admin <url>', 'the Admin API of a running gateway')
    .option(...ADMIN_TOKEN);
}

export function registerKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('the keysets that sign tokens (jwt-signer): list, generate, rotate')
    .addHelpText(
      'after',
      `
A keyset has one key for each signing algorithm, and the ones that the next rotation will activate. They are kept in
--data-dir (SILVERBACK_DATA_DIR), encrypted when SILVERBACK_DATA_KEY is set, or in the Redis of
SILVERBACK_DATA_REDIS. Without --admin the commands work there; a gateway that runs follows within a second.

Examples:
  openssl rand -base64 32                                    a value for SILVERBACK_DATA_KEY
  silverback keys generate kong                              before the first start
  silverback keys rotate kong                                then verify: silverback keys list
  silverback keys rotate kong --admin http://127.0.0.1:8001  through a running gateway`,
    );

  withStore(keys.command('list'))
    .description('every keyset, and the key that signs for each algorithm')
    .action(async (flags: KeysFlags) => endWith(await (await commands()).listKeysCommand(flags)));

  withStore(keys.command('generate'))
    .description('make a keyset; one that is there is shown and never replaced')
    .argument('[name]', 'as in access_token_keyset', 'kong')
    .action(async (name: string, flags: KeysFlags) =>
      endWith(await (await commands()).generateKeysCommand(name, flags)),
    );

  withStore(keys.command('rotate'))
    .description(
      'sign with the next keys from now on; the ones before stay published for their tokens',
    )
    .argument('<name>', 'see `silverback keys list`')
    .action(async (name: string, flags: KeysFlags) =>
      endWith(await (await commands()).rotateKeysCommand(name, flags)),
    );
}
