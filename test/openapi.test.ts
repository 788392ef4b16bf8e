/** The OpenAPI document and the running Admin API: every route is described, and every description is true. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describeAdminApi } from '../src/admin/index.ts';
import { schemaText } from '../src/config/editor-schema/document.ts';
import { OPENAPI_FILE } from './support/generate-openapi.ts';
import { readOperations, type DescribedOperation } from './support/openapi.ts';
import { ENTITY_EXAMPLES } from '../src/admin/openapi/examples.ts';
import { adminName, isEntityKind } from '../src/config/schemas.ts';
import type { EntityKind } from '../src/config/types.ts';
import { startGateway } from '../src/index.ts';
import { ADMIN_CONFIG, FIXTURES, freshBody, KNOWN_NAMES } from './support/openapi-config.ts';
import {
  knownPath,
  MEMBERS,
  MORE,
  probesOf,
  WITH_BODY,
  type KeyedProbe,
  type Probe,
} from './support/openapi-probes.ts';
import { runCli } from './support/run-cli.ts';

const TEXT = readFileSync(OPENAPI_FILE, 'utf8');
const DOCUMENT = JSON.parse(TEXT);
const OPERATIONS = readOperations(DOCUMENT);

test('the file is what the code describes, as the command prints it', () => {
  assert.equal(TEXT, schemaText(describeAdminApi()), 'run: npm run schemas');
  assert.equal(runCli(['schema', '--openapi']).stdout, TEXT);
});

test('it is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(TEXT));
  assert.deepEqual([valid, errors], [true, undefined]);
});

test('names of operations are unique, and every reference leads somewhere', () => {
  const ids = [...TEXT.matchAll(/"operationId": "([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, OPERATIONS.length);
  for (const [, reference = ''] of TEXT.matchAll(/"\$ref": "#\/([^"]+)"/g)) {
    let at: unknown = DOCUMENT;
    for (const step of reference.split('/')) {
      at = typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined;
    }
    assert.ok(typeof at === 'object', reference);
  }
});

test('an example of a body is what is described', () => {
  const withExample = OPERATIONS.filter(({ example }) => example !== undefined);
  assert.ok(withExample.length > 40);
  for (const { method, path, example, bodyProblem } of withExample) {
    assert.equal(bodyProblem(example), undefined, `${method} ${path}`);
    assert.notEqual(bodyProblem({ ...Object(example), no_such_field: 1 }), undefined);
  }
});

interface Running {
  readonly adminUrl: string;
}

/** A gateway in this process over a file, which it writes or does not. */
async function start(
  t: TestContext,
  adminWrite: 'on' | 'off',
  config = ADMIN_CONFIG,
): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-openapi-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kong.yaml');
  writeFileSync(file, JSON.stringify(config));
  const gateway = await startGateway({
    settings: {
      declarative_config: file,
      admin_write: adminWrite,
      data_dir: join(folder, 'data'),
      watch: 'off',
      log_level: 'crit',
    },
  });
  t.after(() => gateway.close());
  return { adminUrl: `http://127.0.0.1:${gateway.admin[0]?.port ?? 0}` };
}

test('the running gateway has these methods on these paths and no others', async (t) => {
  const { adminUrl } = await start(t, 'off');
  const served: unknown = await (await fetch(`${adminUrl}/openapi.json`)).json();
  assert.deepEqual(served, DOCUMENT);
  const paths = new Set(OPERATIONS.map(({ path }) => path));
  for (const path of paths) {
    const operations = OPERATIONS.filter((operation) => operation.path === path);
    const [first] = operations;
    assert.ok(first !== undefined);
    const answer = await fetch(adminUrl + knownPath(first), { method: 'OPTIONS' });
    const described = operations.map(({ method }) => method);
    const head = described.includes('GET') ? ['HEAD'] : [];
    const all = [...described, ...head, 'OPTIONS'].toSorted().join(', ');
    assert.equal(answer.headers.get('allow'), all, path);
  }
  const listed = await (await fetch(`${adminUrl}/endpoints`)).text();
  const missing = [...listed.matchAll(/"(\/[^"]*)"/g)].filter(([, path = '']) => !paths.has(path));
  assert.deepEqual(missing, []);
});

/** What was answered by operation, and what of it is not as described. */
interface Seen {
  readonly statuses: Map<string, Set<string>>;
  readonly problems: string[];
}

async function ask(
  seen: Seen,
  { adminUrl }: Running,
  operation: DescribedOperation,
  { path, body }: Probe,
): Promise<number> {
  const { method, problemOf } = operation;
  const headers = { 'Content-Type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers };
  const answer = await fetch(adminUrl + path, { method, ...sent });
  const text = await answer.text();
  const { status } = answer;
  const problem = problemOf({ status, contentType: answer.headers.get('content-type'), text });
  if (problem !== undefined)
    seen.problems.push(`${method} ${path}: ${status} ${problem}; ${text.slice(0, 300)}`);
  const key = `${method} ${operation.path}`;
  const statuses = seen.statuses.get(key) ?? new Set();
  seen.statuses.set(key, statuses.add(String(status)));
  return status;
}

async function askAll(seen: Seen, running: Running, probes: readonly KeyedProbe[]): Promise<void> {
  for (const [key, probe] of probes) {
    const operation = OPERATIONS.find(({ method, path }) => `${method} ${path}` === key);
    assert.ok(operation !== undefined, key);
    await ask(seen, running, operation, probe);
  }
}

/** The kind that a write is about: what its body is named after. */
function kindOf({ tag }: DescribedOperation): EntityKind | undefined {
  return isEntityKind(tag) ? tag : undefined;
}

/** Makes the entities that a path names, and what they refer to. */
async function restore({ adminUrl }: Running, names: readonly string[]): Promise<void> {
  for (const [kind, entity] of FIXTURES) {
    if (kind === 'snis' || !names.includes(kind)) continue;
    // A target is created by POST alone; one that is there is 409.
    const isTarget = kind === 'targets';
    const path = isTarget
      ? 'upstreams/pool/targets'
      : `${adminName(kind)}/${KNOWN_NAMES.get(kind)}`;
    const answer = await fetch(`${adminUrl}/${path}`, {
      method: isTarget ? 'POST' : 'PUT',
      body: JSON.stringify(entity),
      headers: { 'Content-Type': 'application/json' },
    });
    const expected = isTarget ? [201, 409] : [200];
    const text = await answer.text();
    assert.ok(expected.includes(answer.status), `${kind}: ${text}`);
  }
}

const NEEDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['services', ['certificates']],
  ['upstreams', ['certificates']],
  ['routes', ['services', 'certificates']],
  ['plugins', ['routes', 'services', 'certificates', 'consumers']],
  ['targets', ['upstreams', 'certificates']],
  ['snis', ['certificates']],
  ['keys', ['key_sets']],
]);
const withNeeds = (name: string): readonly string[] => [
  name,
  ...(NEEDS.get(name) ?? ['consumers']),
];

const isWrite = ({ method, tag }: DescribedOperation): boolean =>
  method !== 'GET' && isEntityKind(tag);

const changedBody = ({ method }: DescribedOperation, kind: EntityKind): object | undefined =>
  WITH_BODY.has(method) ? FIXTURES.get(kind) : undefined;

const METHOD_ORDER = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Every write of an entity is done once, on what there is; nothing is removed before the end. */
async function driveWrites(seen: Seen, running: Running): Promise<void> {
  const writes = OPERATIONS.filter(
    (operation) => isWrite(operation) && !operation.path.endsWith('healthy'),
  ).toSorted((a, b) => METHOD_ORDER.indexOf(a.method) - METHOD_ORDER.indexOf(b.method));
  for (const [n, operation] of writes.entries()) {
    const { method, parameters } = operation;
    const kind = kindOf(operation);
    if (kind === undefined) continue;
    const path = knownPath(operation);
    if (method === 'DELETE') await makeRemovable(running, kind, parameters);
    const body = method === 'POST' ? await freshBody(kind, n) : changedBody(operation, kind);
    await ask(seen, running, operation, { path, body });
    // The same again: its name is taken.
    if (method === 'POST') await ask(seen, running, operation, { path, body });
  }
}

/** What a path names is there, and nothing refers to it that would keep it. */
async function makeRemovable(
  running: Running,
  kind: EntityKind,
  names: readonly string[],
): Promise<void> {
  await restore(running, [kind, ...names].flatMap(withNeeds));
  const children = { services: ['routes'], certificates: ['routes', 'services', 'upstreams'] };
  const own = kind === 'services' || kind === 'certificates' ? children[kind] : [];
  for (const child of own.filter((each) => !names.includes(each))) {
    const list = await (await fetch(`${running.adminUrl}/${child}?size=1000`)).text();
    for (const [, id = ''] of list.matchAll(/"id":"([^"]+)"(?=,"|\})/g)) {
      await fetch(`${running.adminUrl}/${child}/${id}`, { method: 'DELETE' });
    }
  }
}

/** Guards and limits, which `admin-tokens`, `admin-cli` and `admin` test. */
const GUARDS: ReadonlySet<string> = new Set(['401', '403', '408', '413', '415', '429']);
/** Answers that need another process to fail, or to end. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  '304 POST /config',
  '503 POST /config',
  '503 PUT /jwt-signer/jwks/{name}',
  '502 POST /jwt-signer/jwks/{name}/rotate',
  '503 POST /jwt-signer/jwks/{name}/rotate',
  '200 GET /proxy-cache/{key}',
  '204 DELETE /proxy-cache/{key}',
  '200 GET /proxy-cache/{plugin}/caches/{key}',
  '204 DELETE /proxy-cache/{plugin}/caches/{key}',
]);

/** Errors are the same for all paths of one form: a list, a member, what is below one, what it refers to. */
const formOf = ({ method, path }: DescribedOperation): string =>
  `${method} ${path.replaceAll(/\{\w+\}/g, '{}').replaceAll(/\/[\w-]+/g, '/x')}`;

test('every answer of the running gateway is as described, and what is described comes', async (t) => {
  const seen: Seen = { statuses: new Map(), problems: [] };
  const readOnly = await start(t, 'off');
  for (const operation of OPERATIONS) {
    for (const probe of probesOf(operation)) await ask(seen, readOnly, operation, probe);
  }
  await askAll(seen, readOnly, MORE);
  const writable = await start(t, 'on');
  await askAll(seen, writable, MEMBERS);
  await driveWrites(seen, writable);
  assert.deepEqual(seen.problems, []);
  const errors = new Set(
    OPERATIONS.flatMap((operation) =>
      [...(seen.statuses.get(`${operation.method} ${operation.path}`) ?? [])].map(
        (status) => `${status} ${formOf(operation)}`,
      ),
    ),
  );
  const unseen = OPERATIONS.flatMap((operation) => {
    const key = `${operation.method} ${operation.path}`;
    return operation.statuses
      .filter((status) => {
        if (GUARDS.has(status) || ELSEWHERE.has(`${status} ${key}`)) return false;
        // Of a file that somebody has broken meanwhile, which `admin-write` tests; names that are taken are seen with POST.
        if (status === '409' && operation.method !== 'POST') return false;
        const isError = Number(status) >= 400;
        return !(isError
          ? errors.has(`${status} ${formOf(operation)}`)
          : seen.statuses.get(key)?.has(status) === true);
      })
      .map((status) => `${status} ${key}`);
  });
  assert.deepEqual(unseen, []);
});

test('the examples work as they stand, one after the other', async (t) => {
  const { adminUrl } = await start(t, 'on', { _format_version: '3.0' });
  for (const [kind, example] of Object.entries(ENTITY_EXAMPLES)) {
    if (!isEntityKind(kind)) throw new Error(kind);
    const path = kind === 'targets' ? 'upstreams/orders-pool/targets' : adminName(kind);
    const answer = await fetch(`${adminUrl}/${path}`, {
      method: 'POST',
      body: JSON.stringify(example),
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(answer.status, 201, `${kind}: ${await answer.text()}`);
  }
});
