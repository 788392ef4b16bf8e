/** `silverback history` and `silverback rollback`: names, flags and help. */
import type { Command } from 'commander';
import { endWith, prettyOrJson, several } from '../options.ts';
import type { DiffVersionsFlags, HistoryFlags } from './list.ts';
import type { RollbackFlags } from './rollback.ts';

const withFiles = (command: Command): Command =>
  command
    .option('-c, --config <path>', 'the files, as the gateway was given them', several)
    .option('--conf <file>', 'kong.conf with settings')
    .option('-p, --prefix <folder>', "the gateway's prefix")
    .option('--data-dir <folder>', 'where the history is kept');

export function registerHistoryCommands(program: Command): void {
  const history = program
    .command('history')
    .description('the versions of the declarative files that a gateway has kept')
    .addHelpText(
      'after',
      `
A gateway keeps the files whenever it loads them and whenever its Admin API writes them: the last 50
versions (history_versions), in --data-dir, where only its own user can read them. They hold what the
files hold, secrets included. Without -c the only history of the data folder is meant.

Examples:
  silverback history -c kong.yaml
  silverback history diff 7 -c kong.yaml         from version 7 to the file as it is now
  silverback history show 7 -c kong.yaml > kong.7.yaml
  silverback rollback 7 -c kong.yaml`,
    );
  registerReads(history);
  registerRollback(program);
}

function registerReads(history: Command): void {
  withFiles(history.command('list', { isDefault: true }))
    .addOption(prettyOrJson())
    .description('number, time, who and what, the newest first')
    .action(async (flags: HistoryFlags) =>
      endWith(await (await import('./list.ts')).listHistoryCommand(flags)),
    );
  withFiles(history.command('show'))
    .description('the files of a version as they were, secrets included')
    .argument('<number>', 'see `silverback history`')
    .action(async (number: string, flags: HistoryFlags) =>
      endWith(await (await import('./list.ts')).showVersionCommand(number, flags)),
    );
  withFiles(history.command('diff'))
    .addOption(prettyOrJson())
    .description('what changed, by entity and field; secrets are masked')
    .argument('<from>', 'a version')
    .argument('[to]', 'a version; by default the files as they are now')
    .addHelpText('after', '\nExit codes: 0 no difference, 1 some, 2 trouble.')
    .action(async (from: string, to: string | undefined, flags: HistoryFlags) => {
      const options: DiffVersionsFlags = { ...flags, from, to };
      endWith(await (await import('./list.ts')).diffVersionsCommand(options));
    });
}

function registerRollback(program: Command): void {
  withFiles(program.command('rollback'))
    .description('make the declarative files what they were in a version')
    .argument('<number>', 'see `silverback history`')
    .option('--force', 'also when the version does not load here')
    .addHelpText(
      'after',
      `
The version is checked as \`validate\` does; then its files are put in place whole, and files of a folder
that it did not have are removed. What was there is kept as a version before that, and the result is a new
one, so a rollback can be rolled back. A gateway that runs follows as after any edit of its files.

Examples:
  silverback rollback 7 -c kong.yaml
  silverback rollback 7 -c kong.yaml && silverback reload      where the gateway does not watch`,
    )
    .action(async (number: string, flags: RollbackFlags) =>
      endWith(await (await import('./rollback.ts')).rollbackCommand(number, flags)),
    );
}
