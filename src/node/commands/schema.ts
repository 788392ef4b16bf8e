/** `silverback schema`: the JSON Schema of declarative files, for editors and validators. */
import {
  publishedPluginSchema,
  publishedSchema,
  schemaText,
} from '../../config/editor-schema/document.ts';
import { testsSchemaText } from '../../simulate/tests/read.ts';
import { loadPluginsOnce } from '../plugin-loader.ts';
import { printError, settingsFrom, type ExitCode, type SettingFlags } from './context.ts';

export interface SchemaFlags extends SettingFlags {
  /** Whose `config` alone is described; absent: the whole document. */
  readonly plugin?: string;
  /** Test files are described. */
  readonly tests?: boolean;
}

/** Plugins of the user's own are in it when the settings name them. Rejects with ConfigError. */
export async function schemaCommand({ plugin, tests, ...flags }: SchemaFlags): Promise<ExitCode> {
  if (tests === true) {
    process.stdout.write(testsSchemaText());
    return 0;
  }
  const { schemas } = await loadPluginsOnce(settingsFrom(flags).settings);
  const schema =
    plugin === undefined ? publishedSchema(schemas) : publishedPluginSchema(plugin, schemas);
  if (schema === undefined) {
    printError(
      `silverback: there is no plugin '${plugin}'; this version has: ${[...schemas.keys()].join(', ')}`,
    );
    return 2;
  }
  process.stdout.write(schemaText(schema));
  return 0;
}
