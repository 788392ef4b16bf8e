/** `silverback explain`: names, flags and help. */
import type { Command } from 'commander';
import type { ExplainFlags } from './explain.ts';
import { ADMIN_TOKEN, endWith, prettyOrJson, several } from './options.ts';

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('say what a request would meet: route, plugins, upstream; nothing is sent')
    .argument('<method>', 'e.g. GET')
    .argument('<url>', 'e.g. https://api.example.com/orders?id=7, or a path of http://localhost')
    .option('-H, --header <line>', "a header, as 'Name: value'", several, [])
    .option('-d, --data <text>', 'the body')
    .option(
      '--token <token>',
      'for Authorization, unless a header holds it; - reads standard input',
    )
    .option('--client-ip <address>', 'where the request comes from (127.0.0.1)')
    .option('--now <time>', 'when it comes, e.g. 2026-01-31T12:00:00Z (now)')
    .option('-c, --config <path>', 'the declarative file, or a folder', several)
    .option('--admin <url>', 'explain with the config of a gateway that runs, by its Admin API')
    .option(...ADMIN_TOKEN)
    .option('--online', 'look names up, fetch keys of providers, introspect tokens')
    .option('--conf <file>', 'kong.conf with settings')
    .option('--plugins <list>', 'bundled, names, ./files.ts and packages of plugins of your own')
    .addOption(prettyOrJson())
    .addHelpText(
      'after',
      `
The request runs through the gateway's own code and ends where the upstream would be asked. It says:
  route      which one takes it and by what; which match as well, and why they are tried later;
             which are tried before, and what is not met. Without a route: what comes nearest
  plugins    in the order they run: the entry that applies and the ones it goes before, its settings,
             what it found out, what it changes, whether it passes or answers
  upstream   method, URL and headers: + added, ~ changed, - not passed on
  outcome    the upstream is asked, or the answer and who gives it

Counts begin at zero, nothing is logged, counted or sent, and tokens are signed with a key made on the
spot. Without --online no name is looked up and no provider is asked; it says what would have been.
Secrets are shown as ******. The shape of --format json is schemas/explain.schema.json.
Exit codes: 0 the upstream is asked, 1 the request is answered before, 2 wrong usage.

Examples:
  silverback explain GET /orders/7 -c kong.yaml
  silverback explain POST https://api.example.com/orders -H 'X-Tenant: a' -d '{"n":1}' -c kong.yaml
  silverback explain GET /jwt -c kong.yaml --token "$(silverback token mint --consumer jwt-user -c kong.yaml)"
  silverback explain GET /orders --admin http://127.0.0.1:8001 --format json`,
    )
    .action(async (method: string, url: string, flags: ExplainFlags) => {
      const { explainCommand } = await import('./explain.ts');
      endWith(await explainCommand(method, url, flags));
    });
}
