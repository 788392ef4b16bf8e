/** Provisional: replaced by the config functions. */
import type { Config } from '../config/types.ts';
import type { ConfigError } from '../errors.ts';

export const kongErrorBody = (_e: ConfigError, _o: { flatten: boolean }): object => ({});
export const exportDocument = (_config: Config): string => '';
