/**
 * The four demos of the JWT Signer article, and the example of the plugin, as they stand in `examples/`:
 * with a real identity provider, and an upstream that trusts the published keys of the gateway alone.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { startGateway } from '../src/index.ts';
import { startIdentityProvider, type IdentityProvider } from './support/identity-provider.ts';
import { startOrigin } from './support/origin.ts';
import { loadConfig } from './support/spawn-gateway.ts';
import { signed, rsaKey, type Claims } from './support/tokens.ts';

/** What the upstream found in the tokens it could verify. */
interface Seen {
  readonly access: Claims | undefined;
  readonly channel: Claims | undefined;
  readonly problem: string | undefined;
}

interface Demo {
  readonly provider: IdentityProvider;
  readonly ask: (
    headers: Readonly<Record<string, string>>,
  ) => Promise<{ status: number; seen: Seen | undefined }>;
}

/** Where all demos run, one after the other. */
interface Stage {
  readonly adminUrl: string;
  readonly proxyUrl: string;
}

const urlOf = (port: number | undefined): string => `http://127.0.0.1:${port}`;

async function startStage(t: TestContext): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-demo-'));
  const gateway = await startGateway({ settings: { data_dir: folder } });
  t.after(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { adminUrl: urlOf(gateway.admin[0]?.port), proxyUrl: urlOf(gateway.proxy[0]?.port) };
}

/** Loads the example with a provider and an upstream in place of those that its URLs name. */
async function load(t: TestContext, { adminUrl, proxyUrl }: Stage, example: string): Promise<Demo> {
  const provider = await startIdentityProvider(t);
  const keys = createRemoteJWKSet(new URL(`${adminUrl}/jwt-signer/jwks/kong`));
  const upstream = await startOrigin(t, (req, res) => {
    void verifyAll(req.headers, keys).then((seen) => res.end(JSON.stringify(seen)));
  });
  const file = join(import.meta.dirname, '../examples', example, 'kong.yaml');
  const text = readFileSync(file, 'utf8')
    .replaceAll('http://127.0.0.1:9080', upstream.url)
    .replaceAll('http://127.0.0.1:9090', provider.url);
  const loaded = await loadConfig(adminUrl, text);
  assert.equal(loaded.status, 201, await loaded.text());
  const [, path = ''] = /paths:\s*- (\/\w+)/.exec(text) ?? [];
  return {
    provider,
    async ask(headers) {
      const answer = await fetch(proxyUrl + path, { headers });
      const body: unknown = await answer.json();
      return { status: answer.status, seen: isSeen(body) ? body : undefined };
    },
  };
}

const isSeen = (body: unknown): body is Seen =>
  typeof body === 'object' && body !== null && !('message' in body);

async function verifyAll(headers: IncomingHttpHeaders, keys: JWTVerifyGetKey): Promise<Seen> {
  const channel = headers['x-jwt-channel-upstream'];
  try {
    return {
      access: await claimsOf(headers.authorization?.replace(/^Bearer /, ''), keys),
      channel: await claimsOf(typeof channel === 'string' ? channel : undefined, keys),
      problem: undefined,
    };
  } catch (error) {
    return { access: undefined, channel: undefined, problem: String(error) };
  }
}

async function claimsOf(
  token: string | undefined,
  keys: JWTVerifyGetKey,
): Promise<Claims | undefined> {
  return token === undefined ? undefined : (await jwtVerify(token, keys)).payload;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const API = 'urn:api';

const DEMOS: readonly (readonly [
  title: string,
  example: string,
  run: (demo: Demo) => Promise<void>,
])[] = [
  [
    'demo: validate one JWT and sign it again',
    'jwt-signer-validate',
    async ({ provider, ask }) => {
      const token = await provider.token({ resource: API, scope: 'read' });
      const { status, seen } = await ask(bearer(token));
      assert.equal(status, 200);
      assert.equal(seen?.problem, undefined);
      assert.equal(seen?.access?.['iss'], 'kong');
      assert.equal(seen.access['original_iss'], provider.url);
      assert.equal(seen.access['aud'], API);
      assert.equal(seen.access['scope'], 'read');
      assert.equal((await ask({})).status, 401);
      const foreign = signed(rsaKey('idp-1'), { iss: provider.url, exp: 2_000_000_000 });
      assert.equal((await ask(bearer(foreign))).status, 401);
    },
  ],

  [
    'demo: introspect an opaque token and sign the result',
    'jwt-signer-introspect',
    async ({ provider, ask }) => {
      const token = await provider.token({ scope: 'read' });
      assert.doesNotMatch(token, /\./, 'an opaque token');
      const { status, seen } = await ask(bearer(token));
      assert.equal(status, 200);
      assert.equal(seen?.problem, undefined);
      assert.equal(seen?.access?.['iss'], 'kong');
      assert.equal(seen.access['client_id'], 'app');
      assert.equal(seen.access['active'], true);
      assert.equal((await ask(bearer('never-issued'))).status, 401);
    },
  ],

  [
    'demo: both tokens at once, on different headers',
    'jwt-signer-both',
    async ({ provider, ask }) => {
      const opaque = await provider.token({ scope: 'read' });
      const channel = await provider.token({ resource: 'urn:network', scope: 'write' });
      const { status, seen } = await ask({ ...bearer(opaque), 'x-jwt-channel-client': channel });
      assert.equal(status, 200);
      assert.equal(seen?.problem, undefined);
      assert.equal(seen?.access?.['client_id'], 'app');
      assert.equal(seen.channel?.['iss'], 'kong');
      assert.equal(seen.channel['aud'], 'urn:network');
      assert.equal((await ask(bearer(opaque))).status, 401);
      assert.equal((await ask({ 'x-jwt-channel-client': channel })).status, 401);
    },
  ],

  [
    'demo: sign without validation',
    'jwt-signer-resign-only',
    async ({ ask }) => {
      const token = signed(rsaKey('anybody'), { iss: 'nobody', sub: 'x' });
      const { status, seen } = await ask(bearer(token));
      assert.equal(status, 200);
      assert.equal(seen?.problem, undefined);
      assert.equal(seen?.access?.['original_iss'], 'nobody');
      assert.equal((await ask(bearer('no-jwt'))).status, 401);
    },
  ],

  [
    'the example of the plugin: issuer, audience, scopes, ES256',
    'jwt-signer',
    async ({ provider, ask }) => {
      const good = await provider.token({ resource: 'urn:orders', scope: 'orders:read' });
      const { status, seen } = await ask(bearer(good));
      assert.equal(status, 200);
      assert.equal(seen?.access?.['iss'], 'https://gateway.example.com');
      assert.equal(seen.access['gateway'], 'edge');
      const elsewhere = await provider.token({ resource: API, scope: 'orders:read' });
      assert.equal((await ask(bearer(elsewhere))).status, 401);
      const narrow = await provider.token({ resource: 'urn:orders', scope: 'read' });
      assert.equal((await ask(bearer(narrow))).status, 403);
    },
  ],
];

test('jwt-signer', async (t) => {
  const stage = await startStage(t);
  for (const [title, example, run] of DEMOS) {
    await t.test(title, async (sub) => run(await load(sub, stage, example)));
  }
});
