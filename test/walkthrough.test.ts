/** examples/walkthrough: the articles' calls as a script, and the file it leaves is what a fresh start serves. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SignJWT } from 'jose';
import { isFields } from '../src/config/checks/field-issue.ts';
import {
  configFile,
  entitiesIn,
  entitiesOf,
  spawnWriter,
  withoutUpdates,
} from './support/writer.ts';
import { EXAMPLES } from './support/examples.ts';
import { spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

const FOLDER = join(EXAMPLES, 'walkthrough');
const LINE_MS_MAX = 15_000;

/** The script needs the `node` that runs this test. */
const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;

/** Everything that the articles find elsewhere; returns its URL. */
async function startInternet(t: TestContext): Promise<string> {
  const child = spawn(process.execPath, [join(FOLDER, 'internet.mjs'), '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'close');
  t.after(async () => {
    child.kill();
    await exited;
  });
  const signal = AbortSignal.timeout(LINE_MS_MAX);
  const [line]: unknown[] = await once(child.stdout, 'data', { signal });
  return String(line).trim();
}

async function walk(
  gateway: SpawnedGateway,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn('bash', [join(FOLDER, 'walkthrough.sh')], {
    env: { ...process.env, PATH, ADMIN: gateway.adminUrl, PROXY: gateway.proxyUrl, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code]: unknown[] = await once(child, 'close');
  return { code, output };
}

type Requests = readonly (readonly [path: string, token: string | undefined, status: number])[];

/** Requests with what the last state of the walk answers them. */
async function requestsOf(gateway: SpawnedGateway, internet: string): Promise<Requests> {
  const answer = await fetch(`${internet}/oauth/token`, { method: 'POST' });
  const auth0: unknown = await answer.json();
  assert.ok(isFields(auth0) && typeof auth0['access_token'] === 'string');
  const { access_token: token } = auth0;
  const jwts = [...((await entitiesOf(gateway.adminUrl)).get('jwt_secrets') ?? new Map()).values()];
  const drawn = jwts.find(
    ({ algorithm, key }) => algorithm === 'HS256' && !String(key).startsWith('Mt4R'),
  );
  assert.match(String(drawn?.key), /^[0-9A-Za-z]{32}$/);
  assert.match(String(drawn?.secret), /^[0-9A-Za-z]{32}$/);
  const hs256 = (issuer: string) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(issuer)
      .sign(new TextEncoder().encode(String(drawn?.secret)));
  return [
    ['/jwt', undefined, 401],
    ['/jwt', 'no-token', 401],
    ['/jwt', token, 200],
    ['/demo', token, 200],
    ['/demo', await hs256(String(drawn?.key)), 200],
    ['/demo', await hs256('somebody-else'), 401],
    ['/elsewhere', token, 404],
  ];
}

interface Served {
  readonly status: number;
  /** Of an answer of the gateway itself. */
  readonly message: unknown;
  readonly url: unknown;
  readonly consumer: unknown;
  /** Of the token that the upstream got, when the gateway signed it. */
  readonly issuer: unknown;
}

async function serve(gateway: SpawnedGateway, requests: Requests): Promise<readonly Served[]> {
  return Promise.all(
    requests.map(async ([path, token]) => {
      const headers: Record<string, string> =
        token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const answer = await fetch(gateway.proxyUrl + path, { headers });
      const body: unknown = await answer.json();
      const { message, url, headers: seen } = isFields(body) ? body : {};
      const { authorization, 'x-consumer-username': consumer } = isFields(seen) ? seen : {};
      return { status: answer.status, message, url, consumer, issuer: issuerOf(authorization) };
    }),
  );
}

function issuerOf(authorization: unknown): unknown {
  if (typeof authorization !== 'string') return undefined;
  const [, claims = ''] = authorization.split('.');
  const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
  return isFields(parsed) ? parsed['iss'] : undefined;
}

test('the walkthrough', async (t) => {
  const file = configFile(t);
  const internet = await startInternet(t);
  const gateway = await spawnWriter(t, file);
  const { code, output } = await walk(gateway, { INTERNET: internet });
  assert.equal(code, 0, output);
  assert.match(output, /Every answer was the one that the articles promise\n$/);

  const requests = await requestsOf(gateway, internet);
  const served = await serve(gateway, requests);
  const listed = withoutUpdates(await entitiesOf(gateway.adminUrl));

  await t.test('ends in a gateway that does what the articles are about', () => {
    assert.deepEqual(
      served.map(({ status }) => status),
      requests.map(([, , status]) => status),
    );
    const [, , , signed] = served;
    assert.equal(signed?.consumer, 'jwt-user');
    assert.equal(signed.issuer, 'kong', 'the upstream gets a token of the gateway');
    assert.equal(listed.get('jwt_secrets')?.size, 4);
    assert.equal(listed.get('plugins')?.size, 2);
  });

  await t.test('leaves a file that means what the API lists', () => {
    assert.deepEqual(withoutUpdates(entitiesIn(readFileSync(file, 'utf8'))), listed);
  });

  await t.test('leaves a file that a fresh start serves identically', async (sub) => {
    const fresh = await spawnGateway(sub, { KONG_NGINX_WORKER_PROCESSES: '1' }, ['-c', file]);
    assert.deepEqual(await serve(fresh, requests), served);
    assert.deepEqual(withoutUpdates(await entitiesOf(fresh.adminUrl)), listed);
  });
});

test('the walkthrough ends at the first answer that is not the promised one, and cleans up', async (t) => {
  const file = configFile(t);
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '1' }, ['-c', file]);
  const { code, output } = await walk(gateway, { INTERNET: '', INTERNET_PORT: '0' });
  assert.equal(code, 1);
  assert.match(output, /expected the status 201, got 405\n$/);
  const [, internet = ''] = /"url\\?":\\?"(http:\/\/127\.0\.0\.1:\d+)\/anything/.exec(output) ?? [];
  assert.notEqual(internet, '', output);
  await assert.rejects(fetch(internet), 'the stand-in has ended with the script');
});
