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
  /** The Admin API is. */
  readonly openapi?: boolean;
}

/** Plugins of the user's own are in it when the settings name them. Rejects with ConfigError. */
export async function schemaCommand(options: SchemaFlags): Promise<ExitCode> {
  const { plugin, tests, openapi, ...flags } = options;
  if (openapi === true) {
    process.stdout.write(schemaText((await import('../../admin/index.ts')).describeAdminApi()));
    return 0;
  }
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
