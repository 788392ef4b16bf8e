#!/usr/bin/env node
/** The command line: names, flags and help; the work is in `node/commands/`. */
import { Command, CommanderError, Option } from 'commander';
import { registerAdminCommands } from './node/commands/admin/register.ts';
import type { SettingFlags } from './node/commands/context.ts';
import { registerExplain } from './node/commands/register-explain.ts';
import { registerTest } from './node/commands/register-test.ts';
import type { DiffFlags } from './node/commands/diff.ts';
import type { FmtFlags } from './node/commands/fmt.ts';
import { registerKeys } from './node/commands/register-keys.ts';
import { ADMIN_TOKEN, endWith, prettyOrJson, several } from './node/commands/options.ts';
import { registerHistoryCommands } from './node/commands/history/register.ts';
import type { SchemaFlags } from './node/commands/schema.ts';
import { registerPluginCommands } from './node/commands/plugin/register.ts';
import { registerTokenCommands } from './node/commands/token/register.ts';
import type { ValidateFlags } from './node/commands/validate.ts';
import { REPORT_FORMATS } from './report/render.ts';
import { KONG_VERSION, SILVERBACK_VERSION } from './version.ts';

const EXIT_USAGE = 2;
const VERSION = `silverback ${SILVERBACK_VERSION} (follows Kong Gateway ${KONG_VERSION})`;

/** Loaded when they are called: `validate` in a script should not wait for what only `start` needs. */
const commands = {
  start: () => import('./node/commands/start.ts'),
  validate: () => import('./node/commands/validate.ts'),
  diff: () => import('./node/commands/diff.ts'),
  fmt: () => import('./node/commands/fmt.ts'),
  init: () => import('./node/commands/init.ts'),
  schema: () => import('./node/commands/schema.ts'),
  demo: () => import('./node/commands/demo.ts'),
  control: () => import('./node/commands/control.ts'),
  check: () => import('./node/commands/check.ts'),
  failure: () => import('./node/commands/failure.ts'),
};

const program = new Command('silverback')
  .description('An API gateway that runs the kong.yaml you already have.')
  .version(VERSION)
  .exitOverride()
  .configureOutput({
    outputError: (text, write) => write(`silverback: ${text.replace(/^error: /, '')}`),
  })
  .showHelpAfterError(
    'See `silverback --help`; commands: init, start, validate, explain, test, diff, fmt, schema, demo, keys, plugin, history, rollback, reload, quit, health, token, admin, check, config, version.',
  )
  .addHelpText(
    'after',
    `
Examples:
  silverback init                            a commented kong.yaml to begin with
  silverback demo                            a gateway, an upstream, and curl lines to paste
  silverback validate kong.yaml              every problem, with line and column
  silverback start -c kong.yaml              proxy on :8000 and :8443, Admin API on 127.0.0.1:8001
  KONG_PROXY_LISTEN=127.0.0.1:9000 silverback start -c kong.yaml

Settings have Kong's names: kong.conf (--conf), then KONG_* variables, then flags.
Exit codes: 0 done, 1 failed, 2 wrong usage (for validate: or a file that cannot be read).`,
  );

function withSettings(command: Command): Command {
  return command
    .option('--conf <file>', 'kong.conf with settings')
    .option('-p, --prefix <folder>', 'where pid, logs and certificates are kept');
}

/** Of commands that need to know which plugins there are. */
function withPlugins(command: Command): Command {
  return withSettings(command).option(
    '--plugins <list>',
    'bundled, names, ./files.ts and packages, e.g. bundled,./plugins/my-plugin.ts',
  );
}

const INTERPOLATE = 'take ${NAME} and ${file:…} in the files for plain text';

function withListeners(command: Command): Command {
  return withPlugins(command)
    .option('--data-dir <folder>', 'where generated signing keys are kept')
    .option('--proxy-listen <addresses>', "where clients connect, e.g. '0.0.0.0:8000, [::]:8000'")
    .option('--admin-listen <addresses>', 'where the Admin API listens; `off` for none')
    .option('--status-listen <addresses>', 'where the Status API listens; `off` for none')
    .option('--workers <number>', 'worker processes; `auto` for one per core')
    .option('--log-level <level>', 'debug, info, notice, warn, error, crit, alert or emerg')
    .option('--log-format <format>', 'json or pretty; by default pretty on a terminal')
    .option('--grace-period <time>', 'how long requests may finish when it stops (30s)')
    .option('--no-watch', 'do not reload when a file changes')
    .option('--no-interpolate', INTERPOLATE);
}

withListeners(program.command('start'))
  .description('run the gateway in the foreground')
  .option(
    '-c, --config <path>',
    'a declarative file or a folder of them, watched; `-` is stdin',
    several,
  )
  .option('--admin-write', 'let the Admin API change the files of --config (docs/admin-write.md)')
  .addHelpText(
    'after',
    `
Examples:
  silverback start -c kong.yaml
  silverback start -c kong.yaml --admin-write  POST, PUT, PATCH and DELETE edit kong.yaml
  silverback start -c kong.yaml --workers 1 --admin-listen off
  silverback start -c base.yaml -c routes/   files and folders make one config
  silverback start --conf kong.conf

Signals: TERM, INT, QUIT let requests finish and exit with 0 (a second one cuts them);
HUP reads the file again; USR1 opens the log files again.`,
  )
  .action(async (flags: SettingFlags) => (await commands.start()).startCommand(flags));

withPlugins(program.command('validate'))
  .description('check declarative files without starting anything')
  .argument('<path...>', 'YAML or JSON files and folders of them, as one config; `-` is stdin')
  .option('--no-interpolate', INTERPOLATE)
  .addOption(
    new Option('--format <format>', 'how findings are written')
      .choices(REPORT_FORMATS)
      .default('pretty'),
  )
  .addOption(
    new Option('--fail-on <severity>', 'the least severity that ends with 1')
      .choices(['error', 'warning'])
      .default('error'),
  )
  .option('-q, --quiet', 'the findings and nothing else')
  .option('--allow <codes>', 'warnings not to report, e.g. SB2002,SB2003', several)
  .addHelpText(
    'after',
    `
Errors keep a config from being loaded; warnings are for what is legal and dangerous or surprising.
A comment on its line, or on the line above, allows a warning; another form does for the whole file:
  # silverback-allow SB2050
  # silverback-allow-file SB2006

The report goes to stdout, everything else to stderr; it is coloured on a terminal (NO_COLOR and
FORCE_COLOR are honoured). Nothing is fetched from anywhere. Exit codes: 0 clean, 1 problems,
2 wrong usage or a file that cannot be read. Formats and CI: docs/reports.md and examples/ci.

Examples:
  silverback validate kong.yaml
  silverback validate kong.yaml --allow SB2002,SB2003
  silverback validate base.yaml routes/
  silverback validate --format sarif --fail-on warning kong.yaml > silverback.sarif
  kubectl get configmap kong -o jsonpath='{.data.kong\\.yaml}' | silverback validate -`,
  )
  .action(async (paths: readonly string[], flags: ValidateFlags) =>
    endWith(await (await commands.validate()).validateCommand(paths, flags)),
  );

program
  .command('init')
  .description('write a commented kong.yaml that editors complete and check')
  .argument('[file]', 'by default ./kong.yaml')
  .addHelpText(
    'after',
    `
Nothing is overwritten. The first line names the schema for yaml-language-server: the one of
node_modules/silverback where a project has it, else a copy that is written beside the file.

Examples:
  silverback init
  silverback init gateway/kong.yaml`,
  )
  .action(async (file?: string) => endWith((await commands.init()).initCommand(file)));

withPlugins(program.command('schema'))
  .description('print the JSON Schema (draft-07) of declarative files, or the Admin API')
  .option('--plugin <name>', "only the schema of one plugin's `config`")
  .option('--tests', 'the schema of test files instead (`silverback test`)')
  .option('--openapi', 'the Admin API instead, as OpenAPI 3.1')
  .addHelpText(
    'after',
    `
Editors: put  # yaml-language-server: $schema=./.silverback.schema.json  at the top of the file.
Plugins of your own are in it when --plugins, KONG_PLUGINS or kong.conf name them.

Examples:
  silverback schema > .silverback.schema.json
  silverback schema --plugin jwt
  silverback schema --tests > .silverback.tests.schema.json
  silverback schema --plugins bundled,./plugins/my-plugin.ts > .silverback.schema.json`,
  )
  .action(async (flags: SchemaFlags) =>
    endWith(await (await commands.schema()).schemaCommand(flags)),
  );

withPlugins(program.command('diff'))
  .description('what would change, by entity and field')
  .argument('<path...>', 'two files or folders; or one, and --against')
  .option('--against <url>', 'the Admin API of a running Silverback or Kong')
  .option(...ADMIN_TOKEN)
  .option('--header <name: value>', 'for that API', several)
  .addOption(prettyOrJson())
  .option('-q, --quiet', 'the differences and nothing else')
  .option('--no-interpolate', INTERPOLATE)
  .addHelpText(
    'after',
    `
Entities are the same by their id, else by their name or what else tells them apart. Secrets are
shown as ******, times and random ids are left out. Exit codes: 0 no difference, 1 some, 2 trouble.

Examples:
  silverback diff kong.yaml kong.new.yaml
  silverback diff kong.yaml --against http://127.0.0.1:8001`,
  )
  .action(async (paths: readonly string[], flags: DiffFlags) =>
    endWith(await (await commands.diff()).diffCommand(paths, flags)),
  );

program
  .command('fmt')
  .description('write declarative files in canonical order and style; comments stay')
  .argument('[path...]', 'files and folders, by default kong.yaml; `-` is stdin, written to stdout')
  .option('--check', 'change nothing; print what would change, and end with 1')
  .option('--stdout', 'write to stdout and not into the files')
  .addHelpText(
    'after',
    `
Members come in the order of Kong's schemas, names first. A file whose meaning or comments would not
be the same is left as it is. Exit codes: 0 done, 1 with --check something would change, 2 trouble.

Examples:
  silverback fmt kong.yaml routes/
  silverback fmt --check`,
  )
  .action(async (paths: readonly string[], flags: FmtFlags) =>
    endWith(await (await commands.fmt()).fmtCommand(paths, flags)),
  );

withListeners(program.command('demo'))
  .description('run the packaged kong.yaml in front of an embedded upstream')
  .option('-c, --config <path>', 'another declarative file, e.g. one of examples/', several)
  .addHelpText(
    'after',
    `
It prints ready-made tokens and curl lines, needs nothing else, and ends with Ctrl-C.

Examples:
  silverback demo
  silverback demo --proxy-listen 127.0.0.1:9000 --admin-listen 127.0.0.1:9001   when a port is taken`,
  )
  .action(async (flags: SettingFlags) => (await commands.demo()).demoCommand(flags));

withSettings(program.command('reload'))
  .description('make the running gateway read its file again')
  .addHelpText(
    'after',
    `
The gateway is found by its prefix (-p, or KONG_PREFIX). A file with problems changes nothing; its
log names them. The same as \`kill -HUP\`, and needed only with --no-watch.

Example:
  silverback validate kong.yaml && silverback reload`,
  )
  .action(async (flags: SettingFlags) => endWith((await commands.control()).reloadCommand(flags)));

withSettings(program.command('quit'))
  .alias('stop')
  .description('stop the running gateway when its requests are done')
  .addHelpText(
    'after',
    `
The gateway is found by its prefix (-p, or KONG_PREFIX). What is not done after its grace period
(30s, --grace-period at start) is cut. The same as \`kill -TERM\`, and waits for the end.

Example:
  silverback quit -p /srv/gateway`,
  )
  .action(async (flags: SettingFlags) =>
    endWith(await (await commands.control()).quitCommand(flags)),
  );

withSettings(program.command('health'))
  .description('say whether a gateway runs')
  .addHelpText(
    'after',
    `
It looks for the process of the prefix (-p, or KONG_PREFIX) and exits with 0 or 1. Whether traffic
may come is another question: curl -f http://127.0.0.1:8007/status/ready

Example:
  silverback health -p /srv/gateway`,
  )
  .action(async (flags: SettingFlags) => endWith((await commands.control()).healthCommand(flags)));

program
  .command('version')
  .description('the release, and the release of Kong it follows')
  .action(() => void process.stdout.write(`${VERSION}\n`));

program
  .command('check')
  .description('check a kong.conf (or, by its ending, a declarative file)')
  .argument('[file]', 'by default /etc/kong/kong.conf')
  .addHelpText(
    'after',
    `
Every problem is printed at once; names that mean nothing here are warnings. KONG_* variables count.

Examples:
  silverback check kong.conf
  silverback check kong.yaml                 as \`silverback validate\``,
  )
  .action(async (file?: string) => endWith(await (await commands.check()).checkCommand(file)));

registerExplain(program);
registerKeys(program);
registerTest(program);
registerPluginCommands(program);
registerTokenCommands(program);
registerAdminCommands(program);
registerHistoryCommands(program);

const config = program.command('config').description("Kong's names for two of these commands");

withSettings(config.command('parse'))
  .description('as `validate`')
  .argument('<file>')
  .action(async (file: string, flags: SettingFlags) =>
    endWith(await (await commands.validate()).validateCommand([file], flags, 'parse successful')),
  );

config
  .command('init')
  .description('as `init`')
  .argument('[file]', 'by default ./kong.yml')
  .action(async (file = './kong.yml') => endWith((await commands.init()).initCommand(file)));

// Who reads may stop at any line (`| head`), which is no fault of the program.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else process.exit((await commands.failure()).reportFailure(error));
}
