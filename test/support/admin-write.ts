/** A gateway in this process over a kong.yaml that its Admin API writes, and a second start over the same file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startGateway, type RunningGateway } from '../../src/index.ts';

export interface WriteAnswer {
  readonly status: number;
  readonly text: string;
  /** The parsed body; null when there is none. */
  readonly json: unknown;
}

/** A body is JSON, unless it is a form (`URLSearchParams`) or multipart (`FormData`). */
export type WriteBody = object | undefined;

export interface WritableGateway {
  readonly folder: string;
  readonly file: string;
  readonly proxyUrl: string;
  readonly ask: (method: string, path: string, body?: WriteBody) => Promise<WriteAnswer>;
  /** The text of the file, or of another one in its folder. */
  text(name?: string): string;
  edit(text: string, name?: string): void;
  /** Another process' view: what a fresh start makes of the files, without writing. */
  restarted(): Promise<Pick<WritableGateway, 'ask' | 'proxyUrl'>>;
}

export const EMPTY_YAML = '_format_version: "3.0"\n';

export interface WritableOptions {
  /** Files by name; the first is a root for what belongs to no other. */
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
  /** Paths of `declarative_config`, relative to the folder; absent: the files. */
  readonly paths?: readonly string[];
}

/** Files are not watched, unless the settings say so: what a test sees is what a write did. */
export async function writableGateway(
  t: TestContext,
  { files = { 'kong.yaml': EMPTY_YAML }, settings = {}, paths }: WritableOptions = {},
): Promise<WritableGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-write-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const names = Object.keys(files);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const config = (paths ?? names).map((name) => join(folder, name)).join(',');
  const base = { declarative_config: config, watch: 'off', log_level: 'crit' };
  const gateway = await start(t, { ...base, admin_write: 'on', ...settings });
  const [first = 'kong.yaml'] = names;
  return {
    folder,
    file: join(folder, first),
    ...gateway,
    text: (name = first) => readFileSync(join(folder, name), 'utf8'),
    edit: (text, name = first) => writeFileSync(join(folder, name), text),
    restarted: () => start(t, base),
  };
}

async function start(
  t: TestContext,
  settings: Readonly<Record<string, string>>,
): Promise<Pick<WritableGateway, 'ask' | 'proxyUrl'>> {
  const gateway = await startGateway({
    settings: {
      proxy_listen: '127.0.0.1:0',
      admin_listen: '127.0.0.1:0',
      status_listen: 'off',
      nginx_worker_processes: '1',
      ...settings,
    },
  });
  t.after(() => gateway.close());
  return { ask: asking(gateway), proxyUrl: `http://127.0.0.1:${gateway.proxy[0]?.port ?? 0}` };
}

function asking({ admin }: RunningGateway): WritableGateway['ask'] {
  const url = `http://127.0.0.1:${admin[0]?.port ?? 0}`;
  return async (method, path, body) => {
    const isForm = body instanceof URLSearchParams || body instanceof FormData;
    const res = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      ...(body !== undefined && !isForm && { headers: { 'Content-Type': 'application/json' } }),
    });
    const text = await res.text();
    return { status: res.status, text, json: text === '' ? null : JSON.parse(text) };
  };
}

/** A member of an answer. */
export function member(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined),
    value,
  );
}

/** The members that do not differ from one run to the next. */
export function stable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !['id', 'created_at', 'updated_at'].includes(name))
      .map(([name, inner]) => [name, stable(inner)]),
  );
}
