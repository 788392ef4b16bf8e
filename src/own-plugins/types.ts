/** Plugins of the user's own, as the rest of the program knows them. */
import type { PluginSchema } from '../config/schemas.ts';
import type { Plugin } from '../plugin.ts';

/** A plugin that is no part of this build. */
export interface OwnPlugin {
  readonly plugin: Plugin<never>;
  readonly schema: PluginSchema;
  readonly version: string | undefined;
  /** The module that another process of this node imports to have the same plugin. */
  readonly url: string;
}

/** A file that a plugin is made of, and what was in it; `undefined` where nothing could be read. */
export type PluginFiles = ReadonlyMap<string, string | undefined>;
