/** `silverback validate FILE`: every problem of a declarative config, and nothing started. */
import { readFileSync } from 'node:fs';
import { compileGateway } from '../../gateway/compile.ts';
import { createRuntime } from '../../gateway/runtime.ts';
import { SILENT } from '../../log.ts';
import { createLoader, fileSource } from '../documents.ts';
import { print, settingsFrom, type SettingFlags } from './context.ts';

const STDIN = 0;

/** Loads and compiles the file; `-` is standard input. Rejects with ConfigError. */
export async function validateCommand(
  file: string,
  flags: SettingFlags,
  success = `${file} is valid`,
): Promise<void> {
  const { settings } = settingsFrom(flags);
  const isStdin = file === '-';
  const text = readFileSync(isStdin ? STDIN : file, 'utf8');
  const { config, sources } = createLoader(settings)(fileSource(isStdin ? '<stdin>' : file, text));
  const runtime = createRuntime(settings, SILENT);
  try {
    await compileGateway(config, runtime, sources).close();
  } finally {
    await runtime.close();
  }
  print(success);
}
