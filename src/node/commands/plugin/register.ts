/** `silverback plugin`: names, flags and help of its commands. */
import type { Command } from 'commander';
import { endWith } from '../options.ts';
import type { PluginNewFlags } from './new.ts';

export function registerPluginCommands(program: Command): void {
  program
    .command('plugin')
    .description("plugins of one's own")
    .command('new')
    .description('write a plugin that works as it stands, and its test')
    .argument('<name>', 'lower-case letters, digits and dashes')
    .option('--js', 'JavaScript instead of TypeScript')
    .option('--dir <folder>', 'where it is written', 'plugins')
    .addHelpText(
      'after',
      `
Nothing is overwritten. The gateway runs the TypeScript itself: there is no build. It is in use when the
setting \`plugins\` names it; saving the file reloads it. The guide: docs/plugins.md

Examples:
  silverback plugin new check-client
  silverback start -c kong.yaml --plugins bundled,./plugins/check-client.ts`,
    )
    .action(async (name: string, flags: PluginNewFlags) => {
      endWith((await import('./new.ts')).pluginNewCommand(name, flags));
    });
}
