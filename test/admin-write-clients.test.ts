/**
 * Many clients that write at once, two workers, and traffic meanwhile: every 2xx is in the file, every version of the
 * file loads, no request fails. `CLIENTS=50 SECONDS=10 node --import tsx test/run.ts write-clients` for the long run.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Pool } from 'undici';
import { call, configFile, entitiesIn, entitiesOf, spawnWriter } from './support/writer.ts';
import { startOrigin } from './support/origin.ts';

const CLIENTS = Number(process.env['CLIENTS'] ?? 50);
const SECONDS = Number(process.env['SECONDS'] ?? 3);
/** They leave something of the workers to the writes. */
const CONNECTIONS = 2;
const PROBLEMS_MAX = 10;

const configOf = (upstream: string): string => `# Fifty at once.
_format_version: "3.0"
services:
  - { name: stable, url: "${upstream}", routes: [{ name: stable, paths: [/stable] }] }
upstreams:
  - name: shared   # everybody adds a target
`;

interface Running<T> {
  /** Ends it; resolves with what it has seen. */
  stop(): Promise<T>;
}

interface Traffic {
  readonly answered: number;
  readonly problems: readonly string[];
}

/** Keep-alive connections that ask without a pause. */
function sendTraffic(t: TestContext, proxyUrl: string): Running<Traffic> {
  const pool = new Pool(proxyUrl, { connections: CONNECTIONS, pipelining: 1 });
  t.after(() => pool.destroy());
  const problems: string[] = [];
  let answered = 0;
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted && problems.length < PROBLEMS_MAX) {
      const { statusCode, body } = await pool.request({ path: '/stable', method: 'GET' });
      const text = await body.text();
      answered += 1;
      if (statusCode !== 200 || text !== 'stable') problems.push(`${statusCode} ${text}`);
    }
  };
  const loops = Array.from({ length: CONNECTIONS }, () =>
    loop().catch((error: unknown) => void problems.push(String(error))),
  );
  return {
    async stop() {
      stopped.abort();
      await Promise.all(loops);
      return { answered, problems };
    },
  };
}

/** Loads every version of the file that it gets to see. */
function watchVersions(file: string): Running<{ versions: number; problems: readonly string[] }> {
  const problems: string[] = [];
  let versions = 0;
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    let last = '';
    while (!stopped.signal.aborted && problems.length < PROBLEMS_MAX) {
      const text = await readFile(file, 'utf8');
      if (text === last) {
        await turn();
        continue;
      }
      last = text;
      versions += 1;
      try {
        entitiesIn(text);
      } catch (error) {
        problems.push(`${String(error)} in:\n${text}`);
      }
    }
  };
  const watching = loop();
  return {
    async stop() {
      stopped.abort();
      await watching;
      return { versions, problems };
    },
  };
}

interface Written {
  /** Service → port, as the last 2xx said; `undefined` for a deleted one. */
  readonly services: Map<string, number | undefined>;
  readonly targets: Set<string>;
  readonly refused: string[];
}

/** One client: makes, changes and deletes services of its own, and adds targets to the upstream of all. */
async function write(adminUrl: string, client: number, until: number, to: Written): Promise<void> {
  const isOver = () => performance.now() > until || to.refused.length >= PROBLEMS_MAX;
  const ask = async (method: string, path: string, body?: unknown): Promise<boolean> => {
    if (isOver()) return false;
    const { status, body: answer } = await call(adminUrl, method, path, body);
    const isDone = status >= 200 && status < 300;
    if (!isDone) to.refused.push(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return isDone;
  };
  for (let n = 1; !isOver(); n++) {
    const name = `c${client}-${n}`;
    const path = `/services/${name}`;
    const target = `10.0.${client}.${n % 250}:${8000 + Math.floor(n / 250)}`;
    const add = async () => {
      if (await ask('POST', '/upstreams/shared/targets', { target })) to.targets.add(target);
    };
    // Half of them begin with the list that all of them write to.
    if (client % 2 === 0) await add();
    if (await ask('POST', '/services', { name, host: 'a.test' })) to.services.set(name, 80);
    if (client % 2 !== 0) await add();
    if (await ask('PATCH', path, { port: n })) to.services.set(name, n);
    if (n % 2 === 0 && (await ask('DELETE', path))) to.services.set(name, undefined);
  }
}

test(`${CLIENTS} clients write for ${SECONDS} s`, async (t) => {
  const origin = await startOrigin(t, (_req, res) => void res.end('stable'));
  const file = configFile(t, configOf(origin.url));
  const gateway = await spawnWriter(t, file, { KONG_NGINX_WORKER_PROCESSES: '2' });
  const traffic = sendTraffic(t, gateway.proxyUrl);
  const watching = watchVersions(file);
  const written: Written = { services: new Map(), targets: new Set(), refused: [] };
  const until = performance.now() + SECONDS * 1000;
  await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) => write(gateway.adminUrl, i + 1, until, written)),
  );
  const seen = await watching.stop();
  const { answered, problems } = await traffic.stop();
  t.diagnostic(
    `${written.services.size} services, ${written.targets.size} targets; ` +
      `${seen.versions} versions of the file; ${answered} requests proxied`,
  );

  await t.test('every write is answered, and what was answered is in the file', async () => {
    assert.deepEqual(written.refused, []);
    assert.ok(written.services.size > 0 && written.targets.size > 0);
    const text = await readFile(file, 'utf8');
    assert.match(text, /^# Fifty at once\.\n/);
    assert.match(text, /name: shared {3}# everybody adds a target\n/);
    const entities = entitiesIn(text);
    const services = [...(entities.get('services') ?? new Map()).values()];
    const ports = new Map(services.map(({ name, port }) => [String(name), Number(port)]));
    for (const [name, port] of written.services) assert.equal(ports.get(name), port, name);
    const live = [...written.services.values()].filter((port) => port !== undefined);
    assert.equal(services.length, live.length + 1);
    const targets = [...(entities.get('targets') ?? new Map()).values()];
    assert.deepEqual(new Set(targets.map(({ target }) => String(target))), written.targets);
    const listed = await entitiesOf(gateway.adminUrl);
    const ids = (kind: string) => [
      [...(entities.get(kind)?.keys() ?? [])].toSorted(),
      [...(listed.get(kind)?.keys() ?? [])].toSorted(),
    ];
    for (const kind of ['services', 'targets']) {
      const [inFile, inApi] = ids(kind);
      assert.deepEqual(inApi, inFile);
    }
  });

  await t.test('every version of the file loads', () => {
    assert.deepEqual(seen.problems, []);
    assert.ok(seen.versions > 1);
  });

  await t.test('no request fails meanwhile', () => {
    assert.deepEqual(problems, []);
    assert.ok(answered > 0);
  });
});
