/** `silverback start`: the gateway in the foreground. */
import { runNode } from '../run.ts';
import { settingsFrom, type SettingFlags } from './context.ts';

/** Resolves when the gateway listens; it then runs until a signal. */
export async function startCommand(flags: SettingFlags): Promise<void> {
  const { settings, warnings } = settingsFrom(flags);
  await runNode(settings, warnings);
}
