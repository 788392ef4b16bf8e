/** `silverback schema`: the JSON Schema of declarative files, for editors and validators. */
import {
  publishedPluginSchema,
  publishedSchema,
  schemaText,
} from '../../config/editor-schema/document.ts';
import { loadPluginsOnce } from '../plugin-loader.ts';
import { printError, settingsFrom, type ExitCode, type SettingFlags } from './context.ts';

export interface SchemaFlags extends SettingFlags {
  /** Whose `config` alone is described; absent: the whole document. */
  readonly plugin?: string;
}

/** Plugins of the user's own are in it when the settings name them. Rejects with ConfigError. */
export async function schemaCommand({ plugin, ...flags }: SchemaFlags): Promise<ExitCode> {
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
