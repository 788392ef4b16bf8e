/** `silverback admin`: names, flags and help of its commands. */
import { Option, type Command } from 'commander';
import { endWith } from '../options.ts';
import type { ListTokensFlags, NewTokenFlags } from './token.ts';

export function registerAdminCommands(program: Command): void {
  const admin = program.command('admin').description('who may use the Admin API');
  registerTokens(
    admin
      .command('token')
      .description('tokens for the Admin API: made, and listed')
      .addHelpText(
        'after',
        `
A gateway whose admin_tokens names a file of them asks every request for one, in the header
Kong-Admin-Token or as Authorization: Bearer. The file has digests only. A line that is added or
removed counts from the next request on; nothing has to be reloaded.

Examples:
  silverback admin token new --name ci --scope write --file admin-tokens
  KONG_ADMIN_TOKENS=admin-tokens silverback start -c kong.yaml
  curl -H "Kong-Admin-Token: $TOKEN" localhost:8001/services`,
      ),
  );
}

function registerTokens(token: Command): void {
  token
    .command('new')
    .description('make a token, and print it this once')
    .requiredOption('--name <name>', 'who it is for; audit lines have it')
    .addOption(
      new Option('--scope <scope>', 'whether it may change something; both may see every secret')
        .choices(['read', 'write'])
        .default('read'),
    )
    .option('--expires-in <time>', '90d, 12h, 30m; by default it ends when its line is removed')
    .option('--file <file>', 'the file of admin_tokens, which gets the line')
    .addHelpText(
      'after',
      `
The token is all of stdout; without --file the line to keep is on stderr.

Examples:
  silverback admin token new --name ci --scope write --expires-in 90d --file admin-tokens
  TOKEN=$(silverback admin token new --name grafana --file admin-tokens)`,
    )
    .action(async (flags: NewTokenFlags) =>
      endWith((await import('./token.ts')).newTokenCommand(flags)),
    );
  token
    .command('list')
    .description('the tokens of a file: names, scopes, and when they end')
    .option('--file <file>', 'by default that of admin_tokens')
    .option('--conf <file>', 'kong.conf with settings')
    .addHelpText(
      'after',
      `
Exit codes: 0 all lines are good, 1 some are not, 2 no file is named.

Examples:
  silverback admin token list --file admin-tokens`,
    )
    .action(async (flags: ListTokensFlags) =>
      endWith((await import('./token.ts')).listTokensCommand(flags)),
    );
}
