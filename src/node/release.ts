/** A config as the workers of a node get it: written once for all of them. */
import type { Config } from '../config/types.ts';
import type { CompileOptions } from '../gateway/compile.ts';
import type { ToWorker } from './messages.ts';

export interface Release {
  readonly version: number;
  readonly text: string;
  /** Modules of the user's own plugins. */
  readonly plugins: readonly string[];
}

export const releaseOf = (version: number, config: Config, from: CompileOptions = {}): Release => ({
  version,
  text: JSON.stringify(config),
  plugins: from.plugins?.own.map(({ url }) => url) ?? [],
});

/** The first half of a change. */
export const prepareOf = ({
  version,
  text,
  plugins,
}: Release): Extract<ToWorker, { kind: 'prepare' }> => ({
  kind: 'prepare',
  version,
  config: text,
  plugins,
});
