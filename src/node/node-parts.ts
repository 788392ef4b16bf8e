/** What a node is made of: made at its start, and handed to whatever works with several of them. */
import type { EarlierEntities } from '../config/earlier.ts';
import type { DocumentSource } from '../config/load.ts';
import type { KeyHost } from '../keys/host.ts';
import type { Settings } from '../settings/types.ts';
import type { TokenSource } from './admin-tokens.ts';
import type { AuditLog } from './audit-log.ts';
import type { Certificates } from './certificates.ts';
import type { ConfigManager, LoadedDocument } from './config-manager.ts';
import type { DataPlane } from './data-plane.ts';
import type { DocumentReader } from './document-files.ts';
import type { NodeHistory } from './history/history.ts';
import type { Logs } from './logger.ts';
import type { PluginLoader } from './plugin-loader.ts';
import type { References } from './references.ts';
import type { WarningLog } from './warning-log.ts';
import type { FileWatch } from './watch.ts';

/** Everything of one node. */
export interface Parts {
  readonly settings: Settings;
  readonly logs: Logs;
  readonly dataPlane: DataPlane;
  readonly manager: ConfigManager;
  readonly warnings: WarningLog;
  readonly keys: KeyHost;
  readonly tls: Certificates;
  readonly reader: DocumentReader;
  readonly references: References;
  readonly namedTokens: TokenSource;
  readonly audit: AuditLog;
  readonly pluginLoader: PluginLoader;
  readonly history: NodeHistory;
  readonly load: (source: DocumentSource, earlier?: EarlierEntities) => Promise<LoadedDocument>;
  /** Absent until the listeners are open, and where no file is watched. */
  watch: FileWatch | undefined;
  isDraining: boolean;
}

/** The files that the last load read besides the documents, with what it found in them. */
export const referencedFiles = ({
  references,
  pluginLoader,
}: Pick<Parts, 'references' | 'pluginLoader'>): ReadonlyMap<string, string | undefined> =>
  new Map([...references.files(), ...pluginLoader.files()]);
