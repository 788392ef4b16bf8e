/** `silverback check [FILE]`: every problem of a kong.conf. */
import { existsSync } from 'node:fs';
import { print, printError, settingsFrom, type ExitCode } from './context.ts';
import { validateCommand } from './validate.ts';

const DEFAULT_FILE = '/etc/kong/kong.conf';

/** A YAML or JSON file is checked as a declarative config instead. Throws SettingsError. */
export async function checkCommand(file = DEFAULT_FILE): Promise<ExitCode> {
  if (/\.(ya?ml|json)$/i.test(file)) return validateCommand([file], {});
  const isImplied = file === DEFAULT_FILE && !existsSync(file);
  const { warnings } = settingsFrom(isImplied ? {} : { conf: file });
  for (const warning of warnings) printError(`warning: ${warning}`);
  print(
    isImplied
      ? `there is no ${file}; the environment and the defaults are valid`
      : `configuration at ${file} is valid`,
  );
  return 0;
}
