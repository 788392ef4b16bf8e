/**
 * Writes of the Admin API: planned on the files as they are now, checked as a reload is, put on disk
 * between the moment when every worker has compiled the new config and the one when they serve it.
 */
import { isDeepStrictEqual } from 'node:util';
import { message, operationUnsupported, type AdminResponse } from '../admin/response.ts';
import type {
  ConfigWriter,
  FileEdit,
  OnWrite,
  PlanWrite,
  WriteBase,
  WriteEdit,
  WriteOrigin,
  WrittenFile,
} from '../admin/write/types.ts';
import { isFields } from '../config/checks/field-issue.ts';
import { diagnosticsOf, lineOf } from '../config/diagnostic.ts';
import type { PluginSchemas } from '../config/schemas.ts';
import type { EarlierEntities } from '../config/earlier.ts';
import type { DocumentSource, EntityPlace } from '../config/load.ts';
import type { DocumentText } from '../config/read.ts';
import { editText, UneditableTextError, valueOfText } from '../edit/edit-text.ts';
import { ConfigError } from '../errors.ts';
import type { Config } from '../config/types.ts';
import type { Logger } from '../log.ts';
import type {
  ConfigManager,
  LoadedDocument,
  ManagerSession,
  ServingDocument,
} from './config-manager.ts';
import { isFileName, type DocumentReader } from './document-files.ts';
import { FileChangedError, stageFile, type StagedFile } from './durable-file.ts';

export interface ConfigWriterOptions {
  readonly manager: Pick<ConfigManager, 'alone'>;
  readonly reader: DocumentReader;
  /** Rejects with ConfigError. */
  readonly load: (source: DocumentSource, earlier?: EarlierEntities) => Promise<LoadedDocument>;
  /** Whether references in the files are replaced. */
  readonly interpolate: boolean;
  /** True when a file that a reference names is not what it was at the last load. */
  readonly areReferencesStale: () => boolean;
  /** What the files hold when a write is done: no change that anybody else made. */
  readonly written: (source: DocumentSource) => void;
  readonly onWrite?: OnWrite | undefined;
  readonly log: Logger;
}

/** Writes that wait for their turn; more are told to come again. */
const WAITING_MAX = 1000;
/** How often a write is planned again because somebody else wrote the file meanwhile. */
const TRIES_MAX = 5;
const RETRY_AFTER_SECONDS = 1;

export function createConfigWriter(options: ConfigWriterOptions): ConfigWriter {
  let waiting = 0;
  return {
    async write(origin, plan) {
      if (options.reader.paths.length === 0) return NO_FILES;
      if (waiting >= WAITING_MAX) return TOO_MANY;
      waiting += 1;
      try {
        const answer = await options.manager.alone((session) =>
          writeAlone({ ...options, session, origin, plan }),
        );
        return answer === 'exiting' ? EXITING : answer;
      } finally {
        waiting -= 1;
      }
    },
  };
}

const NO_FILES = operationUnsupported(
  'there is no declarative file to write to; start with --config kong.yaml (declarative_config)',
);
const TOO_MANY: AdminResponse = {
  ...message(429, 'too many writes are waiting'),
  headers: ['Retry-After', String(RETRY_AFTER_SECONDS)],
};
const EXITING = message(503, 'Kong currently exiting');
const conflict = (text: string): AdminResponse => message(409, text);
const NOT_FROM_FILES = conflict(
  'the config that runs was loaded through POST /config and is in no file; reload the files first (SIGHUP, or `silverback reload`)',
);
const KEEPS_CHANGING = conflict('the file keeps being changed by somebody else; try again');

interface Write extends ConfigWriterOptions {
  readonly session: ManagerSession;
  readonly origin: WriteOrigin;
  readonly plan: PlanWrite;
}

async function writeAlone(write: Write): Promise<AdminResponse> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      return await tryWrite(write);
    } catch (error) {
      if (!(error instanceof FileChangedError)) throw error;
    }
  }
  return KEEPS_CHANGING;
}

/** The files as they are now, which somebody may have edited since they were loaded. */
interface Base {
  readonly texts: readonly DocumentText[];
  readonly document: ServingDocument;
  readonly config: Config;
  readonly schemas: PluginSchemas;
}

async function tryWrite(write: Write): Promise<AdminResponse> {
  const base = await readBase(write);
  if ('status' in base) return base;
  const planned = write.plan(baseOf(base, write));
  if ('status' in planned) return planned;
  const edited = editFiles(base.texts, planned.edits);
  if ('status' in edited) return edited;
  const { files, source } = edited;
  const place = placeOf(planned, base);
  try {
    const earlier = base.document.sources.earlier(planned.touched);
    const loaded = await write.load(source, earlier);
    const refusal = planned.check?.(loaded.config, idOf(planned, loaded));
    if (refusal !== undefined) return refusal;
    await serveAndStore(write, { files, source, loaded });
    return await finish(write, planned, { files, loaded });
  } catch (error) {
    if (error instanceof ConfigError) return planned.refuse(error, place);
    if (isSystemError(error)) return cannotWrite(error, write);
    throw error;
  }
}

const placeOf = ({ subject }: WriteEdit, { document }: Base): EntityPlace | undefined =>
  'id' in subject ? document.sources.placeOf(subject.kind, subject.id) : subject.place;

async function readBase({
  session,
  reader,
  load,
  ...options
}: Write): Promise<Base | AdminResponse> {
  const { document } = session;
  if (document?.source.kind !== 'files') return NOT_FROM_FILES;
  const source = await reader.read();
  if (source.kind !== 'files') return NOT_FROM_FILES;
  const { texts } = source;
  const isSame = isDeepStrictEqual(source, document.source) && !options.areReferencesStale();
  const { config: current, plugins: currentPlugins } = session;
  if (isSame) return { texts, document, config: current, schemas: currentPlugins.schemas };
  try {
    const { config, sources, plugins } = await load(source, document.sources.earlier(new Set()));
    if (sources === undefined) return NOT_FROM_FILES;
    return { texts, document: { source, sources }, config, schemas: plugins.schemas };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [problem = ''] = diagnosticsOf(error).map(lineOf);
    return conflict(
      `the file was edited by hand and cannot be loaded as it is now; mend it first: ${problem}`,
    );
  }
}

function baseOf({ texts, document, config, schemas }: Base, { interpolate }: Write): WriteBase {
  return {
    config,
    schemas,
    transform: document.sources.transform,
    files: texts.map(({ text, file = '', folder }) => {
      const value = valueOfText(text, file);
      return {
        path: file,
        value: isFields(value) ? value : {},
        hasReferences: interpolate && folder !== undefined,
      };
    }),
    placeOf: (kind, id) => document.sources.placeOf(kind, id),
  };
}

interface EditedFiles {
  readonly files: readonly WrittenFile[];
  readonly source: DocumentSource;
}

function editFiles(
  texts: readonly DocumentText[],
  edits: readonly FileEdit[],
): EditedFiles | AdminResponse {
  const files: WrittenFile[] = [];
  const next: DocumentText[] = [];
  for (const [index, document] of texts.entries()) {
    const own = edits.filter(({ file }) => file === index).map(({ edit }) => edit);
    const { text, file: path = '' } = document;
    try {
      const edited = own.length === 0 ? text : editText(text, own, path);
      if (edited !== text) {
        if (!isFileName(path)) return conflict(`${path} is no file that can be written`);
        files.push({ path, oldText: text, newText: edited });
      }
      next.push({ ...document, text: edited });
    } catch (error) {
      if (error instanceof UneditableTextError) return conflict(`${path}: ${error.message}`);
      throw error;
    }
  }
  return { files, source: { kind: 'files', texts: next } };
}

interface Edited extends EditedFiles {
  readonly loaded: LoadedDocument;
}

/** New texts are on disk before anybody serves them, and in place before anybody is told. */
async function serveAndStore(write: Write, { files, source, loaded }: Edited): Promise<void> {
  const staged: StagedFile[] = [];
  const store = async (): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- few, and in order
    for (const file of files) staged.push(await stageFile(file));
    // All in one turn: only another process can come between, and that for microseconds.
    for (const each of staged) each.check();
    for (const each of staged) each.commit();
    write.written(source);
    await Promise.all(staged.map((each) => each.settle()));
  };
  try {
    await write.session.serve(source, loaded, store);
  } catch (error) {
    await Promise.all(staged.map((each) => each.discard()));
    throw error;
  }
}

async function finish(
  { onWrite, origin, log }: Write,
  planned: WriteEdit,
  { files, loaded }: Omit<Edited, 'source'>,
): Promise<AdminResponse> {
  const { subject, before, answer } = planned;
  const { config } = loaded;
  const id = idOf(planned, loaded);
  const { kind } = subject;
  const rows: readonly object[] = config.entities[kind];
  const found = rows.find((row) => Reflect.get(row, 'id') === id);
  const after = isFields(found) ? found : undefined;
  try {
    await onWrite?.({ ...origin, entity: { kind, id }, before, after, files });
  } catch (err) {
    log.error({ err }, 'a write is done, and could not be recorded');
  }
  return answer(config, id);
}

const idOf = ({ subject }: WriteEdit, { sources }: LoadedDocument): string =>
  'id' in subject ? subject.id : (sources?.idAt(subject.place) ?? '');

const isSystemError = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** Nothing has changed: the old file serves and stays. */
function cannotWrite(error: Error & { readonly code: string }, { log }: Write): AdminResponse {
  log.error({ err: error }, 'a declarative file cannot be written; nothing has changed');
  return message(
    500,
    `the declarative file cannot be written (${error.code}); its folder must be writable for the gateway, and the file must not be a mount of its own`,
  );
}
