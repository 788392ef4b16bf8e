/** A gateway with one route behind jwt-signer, and the upstream behind it, for black-box tests. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { importJWK, jwtVerify } from 'jose';
import { startGateway } from '../../src/index.ts';
import { startIssuer, type Issuer } from './issuer.ts';
import { startOrigin, type RecordingOrigin } from './origin.ts';
import { loadConfig } from './spawn-gateway.ts';
import { decoded, publicJwk, rsaKey, signed, type Claims } from './tokens.ts';

/** What a client got, and what the upstream saw of its request. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** `WWW-Authenticate`. */
  readonly challenge: string | undefined;
  /** False: the request was answered here. */
  readonly isProxied: boolean;
  /** Value of a header at the upstream, `undefined` when there was none. */
  up(name: string): string | undefined;
  /** The token in a header at the upstream, without its scheme. */
  token(name?: string): string;
  /** Its header and claims. */
  fresh(name?: string): ReturnType<typeof decoded>;
}

export interface Gateway {
  readonly adminUrl: string;
  readonly proxyUrl: string;
  /** Loads a document with one route, `/`, and these entities beside it. */
  load(config: Claims, entities?: Claims): Promise<void>;
  /** Status and message of a document that should not load. */
  refused(config: Claims): Promise<{ readonly status: number; readonly text: string }>;
  /** Alternating names and values. */
  send(headers: readonly string[]): Promise<Answer>;
  bearer(token: string): Promise<Answer>;
  /** The published set of a keyset. */
  publicSet(name?: string): Promise<{ keys: Claims[]; previous: Claims[] }>;
}

const VERSION = { _format_version: '3.0' };

const documentOf = (url: string, config: Claims, entities: Claims = {}): Claims => {
  const routes = [{ name: 'r', paths: ['/'], plugins: [{ name: 'jwt-signer', config }] }];
  return { ...VERSION, services: [{ name: 's', url, routes }], ...entities };
};

/** Starts both; they end with the test. Settings by their kong.conf names. */
export async function startSigner(
  t: TestContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-keys-'));
  const origin = await startOrigin(t);
  const gateway = await startGateway({ settings: { data_dir: folder, ...settings } });
  t.after(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const adminUrl = `http://127.0.0.1:${gateway.admin[0]?.port}`;
  const port = gateway.proxy[0]?.port ?? 0;
  const post = (config: Claims, entities?: Claims) =>
    loadConfig(adminUrl, JSON.stringify(documentOf(origin.url, config, entities)));
  const send = (headers: readonly string[]) => ask(port, headers, origin);
  return {
    adminUrl,
    proxyUrl: `http://127.0.0.1:${port}`,
    async load(config, entities) {
      const answer = await post(config, entities);
      assert.equal(answer.status, 201, await answer.text());
    },
    async refused(config) {
      const answer = await post(config);
      return { status: answer.status, text: await answer.text() };
    },
    send,
    bearer: (token) => send(['Authorization', `Bearer ${token}`]),
    async publicSet(name = 'kong') {
      const answer = await fetch(`${adminUrl}/jwt-signer/jwks/${encodeURIComponent(name)}`);
      assert.equal(answer.status, 200, await answer.clone().text());
      return readSet(await answer.json());
    },
  };
}

const listOf = (member: unknown): Claims[] => (Array.isArray(member) ? member : []);

function readSet(value: unknown): { keys: Claims[]; previous: Claims[] } {
  assert.ok(typeof value === 'object' && value !== null && 'keys' in value);
  return { keys: listOf(value.keys), previous: listOf('previous' in value ? value.previous : []) };
}

async function ask(
  port: number,
  headers: readonly string[],
  origin: RecordingOrigin,
): Promise<Answer> {
  const before = origin.seen.length;
  const answer = await new Promise<{ status: number; body: string; challenge: string | undefined }>(
    (resolve, reject) => {
      const call = request(
        { host: '127.0.0.1', port, path: '/', headers: [...headers, 'Host', 'api.test:8000'] },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('end', () =>
            resolve({
              status: res.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              challenge: res.headers['www-authenticate'],
            }),
          );
        },
      );
      call.on('error', reject);
      call.end();
    },
  );
  const lines = origin.seen[before]?.lines;
  const up = (name: string): string | undefined =>
    lines
      ?.find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))
      ?.slice(name.length + 2);
  const token = (name = 'authorization'): string =>
    (up(name) ?? '').replace(/^(?:Bearer|Basic) /, '');
  return {
    ...answer,
    isProxied: lines !== undefined,
    up,
    token,
    fresh: (name) => decoded(token(name)),
  };
}

// --- one case ---

export const K1 = rsaKey('k1');
export const K2 = rsaKey('k2');

/** What a case needs: the gateway that all share, a provider of its own, and its base config. */
export interface World extends Gateway {
  readonly t: TestContext;
  readonly issuer: Issuer;
  /** A good token, signed by `k1`; `claims` are merged over the usual ones. */
  at(claims?: Claims, header?: Claims): string;
  /** Loads the base config with these fields changed; `null` unsets one. */
  base(fields?: Claims, entities?: Claims): Promise<void>;
  /** Sends a good token. */
  good(claims?: Claims): Promise<Answer>;
}

export const now = (): number => Math.floor(Date.now() / 1000);

export const usualClaims = (): Claims => ({
  iss: 'https://idp',
  sub: 'u1',
  aud: ['api'],
  scope: 'read write',
  exp: now() + 300,
});

export const setOf = (...keys: readonly Claims[]): Claims => ({ keys });

const at = (claims: Claims = {}, header: Claims = {}): string =>
  signed(K1, { ...usualClaims(), ...claims }, header);

/** A provider that publishes `k1` and says of every opaque token that it is active. */
export async function makeWorld(t: TestContext, gateway: Gateway): Promise<World> {
  const issuer = await startIssuer(t);
  issuer.keys = () => ({ body: setOf(publicJwk(K1)) });
  issuer.introspect = () => ({
    body: { active: true, sub: 'u1', iss: 'https://idp', exp: now() + 60 },
  });
  return {
    ...gateway,
    t,
    issuer,
    at,
    base: (fields = {}, entities) =>
      gateway.load(
        { access_token_jwks_uri: issuer.jwks, channel_token_optional: true, ...fields },
        entities,
      ),
    good: (claims) => gateway.bearer(at(claims)),
  };
}

/** One of the numbered cases of the plugin's reference. */
export interface Case {
  readonly number: number;
  readonly title: string;
  readonly run: (world: World) => Promise<void>;
}

export const testCase = (number: number, title: string, run: Case['run']): Case => ({
  number,
  title,
  run,
});

/** The upstream got a new token. */
export function assertSigned(answer: Answer, header = 'authorization'): void {
  assert.equal(answer.status, 200, `${answer.body} ${answer.challenge}`);
  assert.match(answer.token(header), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(answer.fresh(header).claims['iss'], 'kong');
}

/** The answer came from here, with a challenge. */
export function assertRefused(answer: Answer, status: number, reason?: RegExp): void {
  assert.equal(answer.status, status, `${answer.body} ${answer.challenge}`);
  assert.equal(answer.isProxied, false);
  assert.match(answer.challenge ?? '', /^Bearer realm="/);
  if (reason !== undefined) assert.match(answer.challenge ?? '', reason);
}

/** Verifies with what the gateway publishes, as an upstream would. */
export async function verifyPublished(
  gateway: Gateway,
  token: string,
  keyset = 'kong',
): Promise<Claims> {
  const { keys, previous } = await gateway.publicSet(keyset);
  const { kid } = decoded(token).header;
  const jwk = [...keys, ...previous].find((key) => key['kid'] === kid);
  assert.ok(jwk, `no published key ${String(kid)}`);
  const key = await importJWK({ ...jwk, kty: String(jwk['kty']) });
  const { payload } = await jwtVerify(token, key);
  return payload;
}
