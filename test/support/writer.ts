/** A gateway that writes its file, a client for its Admin API, and what the API and the file hold. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isFields, type Fields } from '../../src/config/checks/field-issue.ts';
import { ENTITY_KINDS } from '../../src/config/schemas.ts';
import type { Config, EntityKind } from '../../src/config/types.ts';
import { PLUGIN_NAMES } from '../../src/gateway/plugins.ts';
import { readEntities } from '../../src/node/admin-reader.ts';
import { fileDocument } from '../../src/node/document-files.ts';
import { createLoader } from '../../src/node/documents.ts';
import { spawnGateway, type SpawnedGateway } from './spawn-gateway.ts';

export const EMPTY_CONFIG = '_format_version: "3.0"\n';

/** Kind → id → entity. Kinds without entities are left out. */
export type Entities = ReadonlyMap<string, ReadonlyMap<string, Fields>>;

/** Declarative files with these texts, in a folder of their own that goes with the test. */
export function configFiles(t: TestContext, texts: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-write-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return texts.map((text, index) => {
    const file = join(folder, `kong-${index}.yaml`);
    writeFileSync(file, text);
    return file;
  });
}

/** The same with one file. */
export const configFile = (t: TestContext, text = EMPTY_CONFIG): string =>
  configFiles(t, [text])[0] ?? '';

/** Starts the gateway on a file that its Admin API may write. */
export async function spawnWriter(
  t: TestContext,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<SpawnedGateway> {
  return spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '1', ...env }, [
    '--admin-write',
    '-c',
    file,
  ]);
}

export interface WriteAnswer {
  readonly status: number;
  /** The parsed body; an empty record when there is none. */
  readonly body: Fields;
}

/** One call of the Admin API with a JSON body, or with none. */
export async function call(
  adminUrl: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<WriteAnswer> {
  const answer = await fetch(adminUrl + path, {
    method,
    ...(body !== undefined && {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await answer.text();
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  if (!isFields(parsed)) throw new Error(`${method} ${path} answered ${text}`);
  return { status: answer.status, body: parsed };
}

const byId = (rows: readonly Fields[]): ReadonlyMap<string, Fields> =>
  new Map(rows.map((row) => [String(row['id']), row]));

/** What the Admin API lists. */
export async function entitiesOf(adminUrl: string): Promise<Entities> {
  const { rows } = await readEntities({ url: adminUrl, headers: {} });
  return new Map(
    [...rows].flatMap(([kind, list]) => (list.length === 0 ? [] : [[kind, byId(list)] as const])),
  );
}

/** Without `updated_at`: of what was not written since, it is the time of the load. */
export const withoutUpdates = (entities: Entities): Entities =>
  new Map(
    [...entities].map(([kind, rows]) => [
      kind,
      new Map([...rows].map(([id, { updated_at: _time, ...row }]) => [id, row])),
    ]),
  );

const load = createLoader({ plugins: PLUGIN_NAMES });

/** As the Admin API shows it: fields of Kong Enterprise only when they are set, certificates with their names. */
function shown(kind: EntityKind, row: Fields, snis: Config['entities']['snis']): Fields {
  const { consumer_group, ...rest } = row;
  if (kind === 'plugins' && consumer_group === null) return rest;
  if (kind !== 'certificates') return row;
  const own = snis.filter(({ certificate }) => certificate.id === row['id']);
  return { ...row, snis: own.map(({ name }) => name).toSorted() };
}

/** What the texts of declarative files mean together; throws ConfigError when they do not load. */
export function entitiesIn(...texts: readonly string[]): Entities {
  const documents = texts.map((text, index) => fileDocument(`kong-${index}.yaml`, text));
  const { entities } = load({ kind: 'files', texts: documents }).config;
  return new Map(
    ENTITY_KINDS.flatMap((kind) => {
      const rows = entities[kind].map((row) => shown(kind, { ...row }, entities.snis));
      return rows.length === 0 ? [] : [[kind, byId(rows)] as const];
    }),
  );
}
