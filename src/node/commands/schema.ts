/** `silverback schema`: the JSON Schema of declarative files, for editors and validators. */
import {
  publishedPluginSchema,
  publishedSchema,
  schemaText,
} from '../../config/editor-schema/document.ts';
import { PLUGIN_NAMES } from '../../config/schemas.ts';
import { printError, type ExitCode } from './context.ts';

/** @param plugin whose `config` alone is described; absent: the whole document */
export function schemaCommand({ plugin }: { readonly plugin?: string }): ExitCode {
  const schema = plugin === undefined ? publishedSchema() : publishedPluginSchema(plugin);
  if (schema === undefined) {
    printError(
      `silverback: there is no plugin '${plugin}'; this version has: ${PLUGIN_NAMES.join(', ')}`,
    );
    return 2;
  }
  process.stdout.write(schemaText(schema));
  return 0;
}
