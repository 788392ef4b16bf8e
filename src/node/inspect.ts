/** A document looked at from all sides and not run: everything a report says about it. */
import { diagnosticsOf, type Diagnostic } from '../config/diagnostic.ts';
import type { DocumentSource } from '../config/load.ts';
import { ConfigError } from '../errors.ts';
import { compileGateway } from '../gateway/compile.ts';
import { createRuntime } from '../gateway/runtime.ts';
import { SILENT } from '../log.ts';
import type { Settings } from '../settings/types.ts';
import { createLoader } from './documents.ts';

export interface Inspection {
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** The source texts by the names that ranges carry. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Loads and compiles the document as a start would. Rejects on our own bugs only. */
export async function inspectDocument(
  source: DocumentSource,
  settings: Settings,
): Promise<Inspection> {
  const texts = textsOf(source);
  try {
    await compileOnce(source, settings);
    return { diagnostics: [], texts };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { diagnostics: diagnosticsOf(error), texts };
  }
}

async function compileOnce(source: DocumentSource, settings: Settings): Promise<void> {
  const { config, sources } = createLoader(settings)(source);
  const runtime = createRuntime(settings, SILENT);
  try {
    await compileGateway(config, runtime, sources).close();
  } finally {
    await runtime.close();
  }
}

/** The texts that a report may show lines of. */
export const textsOf = (source: DocumentSource): ReadonlyMap<string, string> =>
  source.kind === 'text' && source.file !== undefined
    ? new Map([[source.file, source.text]])
    : new Map();
