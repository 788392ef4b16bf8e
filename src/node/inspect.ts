/** A document looked at from all sides and not run: everything a report says about it. */
import { diagnosticsOf, type Diagnostic } from '../config/diagnostic.ts';
import type { DocumentSource, LoadedConfig } from '../config/load.ts';
import { DEFAULT_FILE } from '../config/read.ts';
import { ConfigError } from '../errors.ts';
import { compileGateway } from '../gateway/compile.ts';
import type { PluginSet } from '../gateway/plugins.ts';
import { createRuntime } from '../gateway/runtime.ts';
import { lintConfig } from '../lint/lint.ts';
import type { RegexChecker } from '../lint/regex-checker.ts';
import { SILENT } from '../log.ts';
import type { Settings } from '../settings/types.ts';
import { loadDocument } from './documents.ts';
import { loadPluginsOnce } from './plugin-loader.ts';

export type InspectionPhase = 'loading' | 'compiling' | 'looking for risks';

export interface InspectOptions {
  /** Codes of warnings that nobody wants to hear of. */
  readonly allow?: readonly string[];
  /** Milliseconds since the epoch, for certificates that expire. */
  readonly now?: number;
  /** Looks for regular expressions that explode; made and closed here when absent. */
  readonly regexes?: RegexChecker;
  /** Told what comes next, before it begins and blocks the process. */
  readonly onPhase?: (phase: InspectionPhase) => void;
}

export interface Inspection {
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** The source texts by the names that ranges carry. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Loads and compiles the document as a start would; one that could start is looked over for what is
 * dangerous or surprising. Rejects on our own bugs only.
 */
export async function inspectDocument(
  source: DocumentSource,
  settings: Settings,
  { allow = [], now = Date.now(), onPhase = () => {}, regexes }: InspectOptions = {},
): Promise<Inspection> {
  const texts = textsOf(source);
  try {
    onPhase('loading');
    const plugins = await loadPluginsOnce(settings);
    const loaded = await compileOnce({ source, settings, plugins, onPhase });
    onPhase('looking for risks');
    const files = [...texts].map(([file, text]) => ({ file, text }));
    const diagnostics = await lintConfig({
      loaded,
      texts: files,
      allow,
      now,
      pluginSet: plugins,
      ...(regexes && { regexes }),
    });
    return { diagnostics, texts };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { diagnostics: diagnosticsOf(error), texts };
  }
}

interface CompileOrder {
  readonly source: DocumentSource;
  readonly settings: Settings;
  readonly plugins: PluginSet;
  readonly onPhase: (phase: InspectionPhase) => void;
}

async function compileOnce({
  source,
  settings,
  plugins,
  onPhase,
}: CompileOrder): Promise<LoadedConfig> {
  const loaded = loadDocument(source, settings, { plugins });
  onPhase('compiling');
  const runtime = createRuntime(settings, SILENT);
  try {
    await compileGateway(loaded.config, runtime, { sources: loaded, plugins }).close();
    return loaded;
  } finally {
    await runtime.close();
  }
}

/** The texts that a report may show lines of. */
export function textsOf(source: DocumentSource): ReadonlyMap<string, string> {
  if (source.kind === 'object') return new Map();
  const texts = source.kind === 'text' ? [source] : source.texts;
  return new Map(texts.map(({ file = DEFAULT_FILE, text }) => [file, text]));
}
