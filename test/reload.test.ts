/** Reloading loses nothing: no request, no stream, no WebSocket; a broken document changes nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { startEcho } from '../src/demo/echo.ts';
import { startOrigin } from './support/origin.ts';
import { loadConfig, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

const RELOADS = 200;
const RELOADS_TIME_MAX_MS = 60_000;
const CONNECTIONS = 50;
const STREAMS = 10;
const BROKEN = 100;

interface Upstreams {
  readonly stable: string;
  /** The two that `/flip` alternates between. */
  readonly flip: readonly [string, string];
  readonly streams: string;
}

function configOf({ stable, flip, streams }: Upstreams, version: number): string {
  return `_format_version: "3.0"
services:
  - { name: stable, url: "${stable}", routes: [{ name: stable, paths: [/stable] }] }
  - { name: flip, url: "${flip[version % 2]}", routes: [{ name: flip, paths: [/flip] }] }
  - { name: streams, url: "${streams}", routes: [{ name: streams, paths: [/streams] }] }
  - name: version
    url: ${stable}
    routes:
      - name: version
        paths: [/version]
        plugins: [{ name: request-termination, config: { status_code: 200, message: v${version} } }]
`;
}

async function startUpstreams(t: TestContext): Promise<Upstreams> {
  const labelled = async (label: string) =>
    (await startOrigin(t, (_req, res) => void res.end(label))).url;
  const echo = await startEcho({ host: '127.0.0.1', port: 0 });
  t.after(() => echo.close());
  return {
    stable: await labelled('stable'),
    flip: [await labelled('even'), await labelled('odd')],
    streams: echo.url,
  };
}

async function reload(gateway: SpawnedGateway, config: string): Promise<void> {
  const answer = await loadConfig(gateway.adminUrl, config);
  assert.equal(answer.status, 201, await answer.text());
  await answer.body?.cancel().catch(() => {});
}

interface Traffic {
  /** Ends all requests; resolves with how many were answered and what went wrong. */
  stop(): Promise<{ readonly answered: number; readonly problems: readonly string[] }>;
}

/** Keep-alive connections that ask without a pause. Any answer but the expected ones is a problem. */
function sendTraffic(t: TestContext, gateway: SpawnedGateway): Traffic {
  const pool = new Pool(gateway.proxyUrl, { connections: CONNECTIONS, pipelining: 1 });
  t.after(() => pool.destroy());
  const problems: string[] = [];
  let answered = 0;
  const stopped = new AbortController();
  const ask = async (path: string, expected: RegExp): Promise<void> => {
    const { statusCode, body } = await pool.request({ path, method: 'GET' });
    const text = await body.text();
    answered += 1;
    if (statusCode !== 200 || !expected.test(text)) problems.push(`${path}: ${statusCode} ${text}`);
  };
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted && problems.length < 10) {
      await ask('/stable', /^stable$/);
      await ask('/flip', /^(even|odd)$/);
    }
  };
  const loops = Array.from({ length: CONNECTIONS }, () =>
    loop().catch((error: unknown) => void problems.push(String(error))),
  );
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(loops);
      return { answered, problems };
    },
  };
}

async function openWebSocket(t: TestContext, gateway: SpawnedGateway): Promise<WebSocket> {
  const socket = new WebSocket(`${gateway.proxyUrl.replace('http', 'ws')}/streams/ws`);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

interface EventStream {
  readonly events: () => number;
  readonly ended: () => boolean;
}

async function openEventStream(t: TestContext, gateway: SpawnedGateway): Promise<EventStream> {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const answer = await fetch(`${gateway.proxyUrl}/streams/sse`, { signal: stop.signal });
  assert.equal(answer.status, 200);
  const { body } = answer;
  assert.ok(body !== null);
  let events = 0;
  let ended = false;
  const read = async () => {
    for await (const chunk of body) {
      events += Buffer.from(chunk).toString().split('\n\n').length - 1;
    }
  };
  void read()
    .catch(() => {})
    .finally(() => (ended = true));
  return { events: () => events, ended: () => ended };
}

async function askWebSocket(socket: WebSocket, text: string): Promise<string> {
  const answer = once(socket, 'message', { signal: AbortSignal.timeout(10_000) });
  socket.send(text);
  const [data]: unknown[] = await answer;
  return String(data);
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

test(`${RELOADS} reloads under load lose nothing`, async (t) => {
  const upstreams = await startUpstreams(t);
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '2' });
  await reload(gateway, configOf(upstreams, 0));
  const sockets = await Promise.all(
    Array.from({ length: STREAMS }, () => openWebSocket(t, gateway)),
  );
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, () => openEventStream(t, gateway)),
  );
  const traffic = sendTraffic(t, gateway);
  const startedAt = Date.now();
  for (let version = 1; version <= RELOADS; version += 1) {
    await reload(gateway, configOf(upstreams, version));
    // Accepted means live: in whichever worker these land.
    assert.match(await textOf(`${gateway.proxyUrl}/version`), new RegExp(`"v${version}"`));
    assert.equal(await textOf(`${gateway.proxyUrl}/flip`), version % 2 === 0 ? 'even' : 'odd');
  }
  const tookMs = Date.now() - startedAt;
  const { answered, problems } = await traffic.stop();
  t.diagnostic(`${RELOADS} reloads in ${tookMs} ms beside ${answered} requests`);

  assert.deepEqual(problems, []);
  assert.ok(answered > RELOADS, `only ${answered} requests were answered`);
  assert.ok(tookMs < RELOADS_TIME_MAX_MS, `${tookMs} ms`);
  for (const [index, socket] of sockets.entries()) {
    assert.equal(socket.readyState, WebSocket.OPEN);
    assert.equal(await askWebSocket(socket, `still ${index}`), `still ${index}`);
  }
  for (const stream of streams) {
    assert.equal(stream.ended(), false);
    assert.ok(stream.events() >= 1);
  }
});

/** Truncated anywhere, then a flow collection that never ends behind a tab: no YAML at all. */
function breakText(text: string, index: number): string {
  return `${text.slice(0, Math.floor((text.length * index) / BROKEN))}\n\t{ broken: [`;
}

test(`${BROKEN} broken documents in a row change nothing`, async (t) => {
  const upstreams = await startUpstreams(t);
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '2' });
  const good = configOf(upstreams, 2);
  await reload(gateway, good);
  const traffic = sendTraffic(t, gateway);
  for (let i = 0; i < BROKEN; i += 1) {
    const answer = await loadConfig(gateway.adminUrl, breakText(good, i));
    assert.equal(answer.status, 400, await answer.text());
    assert.match(await textOf(`${gateway.proxyUrl}/version`), /"v2"/);
  }
  const { answered, problems } = await traffic.stop();
  assert.deepEqual(problems, []);
  assert.ok(answered > BROKEN);
});

/** Polls: when a file's change is live is what the test wants to know. */
async function untilVersion(gateway: SpawnedGateway, version: number): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!(await textOf(`${gateway.proxyUrl}/version`)).includes(`"v${version}"`)) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test('a watched file: written, renamed over, broken and mended', async (t) => {
  const upstreams = await startUpstreams(t);
  const folder = mkdtempSync(join(tmpdir(), 'silverback-watch-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kong.yaml');
  writeFileSync(file, configOf(upstreams, 1));
  const gateway = await spawnGateway(t, { KONG_DECLARATIVE_CONFIG: file });
  await untilVersion(gateway, 1);

  writeFileSync(file, configOf(upstreams, 2));
  await untilVersion(gateway, 2);

  writeFileSync(`${file}.new`, configOf(upstreams, 3));
  renameSync(`${file}.new`, file);
  await untilVersion(gateway, 3);

  writeFileSync(file, breakText(configOf(upstreams, 4), 50));
  const rejected = new RegExp('kong\\.yaml:\\d+:\\d+');
  const signal = AbortSignal.timeout(20_000);
  while (!rejected.test(gateway.output())) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await untilVersion(gateway, 3);

  writeFileSync(file, configOf(upstreams, 5));
  await untilVersion(gateway, 5);
});
