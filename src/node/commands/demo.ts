/** `silverback demo`: the packaged kong.yaml, or the file of `-c`, in front of the embedded upstream. */
import type { AddressInfo } from 'node:net';
import { runDemo } from '../../demo/index.ts';
import { runNode } from '../run.ts';
import { print, settingsFrom, type SettingFlags } from './context.ts';

/** Resolves when everything runs and is explained. */
export async function demoCommand(flags: SettingFlags): Promise<void> {
  await runDemo({
    print,
    file: flags.config?.join(','),
    async start({ declarativeConfig }) {
      const { settings, warnings } = settingsFrom(flags, {
        declarative_config: declarativeConfig,
        // Nobody goes back in a file that is only shown.
        history_versions: '0',
      });
      const node = await runNode(settings, warnings);
      return { proxyUrl: urlOf(node.proxy[0]), adminUrl: urlOf(node.admin[0]) };
    },
  });
}

const urlOf = (address: AddressInfo | undefined): string =>
  address === undefined ? '(off)' : `http://localhost:${address.port}`;
