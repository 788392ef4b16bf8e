/**
 * Upstreams that believe a published JWK set for two seconds, and keysets that rotate under load: no
 * token may fail to verify.
 */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { Agent, request } from 'undici';
import { unsigned } from './tokens.ts';

const CACHE_MS = 2000;
const TICK_MS = 20;
const LONGER_AT_MOST = 6;
/** Every so many requests the token is one that was not seen before. */
const NEW_EVERY = 5;

export interface RotationResult {
  readonly answers: number;
  readonly verified: number;
  /** What went wrong, each once. */
  readonly failures: readonly string[];
  /** Keys that signed. */
  readonly kids: ReadonlySet<string>;
}

/** A node that takes requests, and where it publishes its keys. */
export interface Node {
  readonly proxyUrl: string;
  readonly jwksUrl: string;
  /** False once it has been ended on purpose. */
  isAlive: boolean;
}

export interface VerifyingUpstream {
  readonly url: string;
  readonly verified: () => number;
  readonly failures: ReadonlySet<string>;
  readonly kids: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Verifies every token with a set that is up to two seconds old; it never looks again for a key it lacks. */
export async function startVerifyingUpstream(
  nodes: () => readonly Node[],
): Promise<VerifyingUpstream> {
  const state = { verified: 0, failures: new Set<string>(), kids: new Set<string>() };
  let cached:
    | { readonly at: number; readonly keys: Promise<ReturnType<typeof createLocalJWKSet>> }
    | undefined;
  const keys = () => {
    if (cached === undefined || performance.now() - cached.at > CACHE_MS) {
      cached = { at: performance.now(), keys: fetchKeys(nodes()) };
    }
    return cached.keys;
  };
  const server: Server = createServer((req, res) => {
    const token = req.headers.authorization?.replace(/^Bearer /, '') ?? '';
    void (async () => {
      try {
        const { protectedHeader } = await jwtVerify(token, await keys());
        state.verified += 1;
        state.kids.add(protectedHeader.kid ?? '');
      } catch (error) {
        state.failures.add(error instanceof Error ? error.message : String(error));
      }
      res.end('ok');
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    verified: () => state.verified,
    failures: state.failures,
    kids: state.kids,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** From any node that answers: all of them publish the same. */
async function fetchKeys(nodes: readonly Node[]): Promise<ReturnType<typeof createLocalJWKSet>> {
  let problem: unknown = new Error('no node is alive');
  for (const { jwksUrl, isAlive } of nodes) {
    if (!isAlive) continue;
    try {
      const answer = await fetch(jwksUrl);
      const set: unknown = await answer.json();
      if (isSet(set)) return createLocalJWKSet(set);
      problem = new Error(`${answer.status} instead of a JWK set`);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

const isSet = (value: unknown): value is JSONWebKeySet =>
  typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys);

/** The document of a node: `/` signs with a keyset that rotates by itself, `/jwks` publishes its keys. */
export const rotatingConfig = (upstreamUrl: string, rotateSeconds: number): string => {
  const signer = {
    name: 'jwt-signer',
    config: {
      verify_access_token_signature: false,
      channel_token_optional: true,
      access_token_keyset: 'rotation',
      access_token_keyset_rotate_period: rotateSeconds,
    },
  };
  const publisher = { name: 'silverback-jwks', config: { keyset: 'rotation' } };
  const routes = [{ name: 'r', paths: ['/'], plugins: [signer] }];
  return JSON.stringify({
    _format_version: '3.0',
    services: [{ name: 's', url: upstreamUrl, routes }],
    routes: [{ name: 'jwks', paths: ['/jwks'], plugins: [publisher] }],
  });
};

export interface LoadOptions {
  readonly nodes: readonly Node[];
  readonly seconds: number;
  readonly perSecond: number;
  /** False: goes on, at most six times as long. What is due by time is late on a busy machine. */
  readonly isEnough: () => boolean;
  /** Called once when half of the time is over. */
  readonly atHalf?: () => void | Promise<void>;
}

/** Sends requests at a steady rate to the nodes that are alive, in turn. */
export async function sendSteadily(options: LoadOptions): Promise<{
  readonly answers: number;
  readonly failures: ReadonlySet<string>;
}> {
  const { nodes, seconds, perSecond, isEnough, atHalf } = options;
  const agent = new Agent({ connections: 64 });
  const failures = new Set<string>();
  let answers = 0;
  let sent = 0;
  const open = new Set<Promise<void>>();

  async function one(number: number): Promise<void> {
    const alive = nodes.filter((node) => node.isAlive);
    const node = alive[number % alive.length];
    if (node === undefined) return;
    try {
      const answer = await request(node.proxyUrl, {
        dispatcher: agent,
        headers: { authorization: `Bearer ${tokenOf(number)}` },
      });
      await answer.body.dump();
      if (answer.statusCode === 200) answers += 1;
      else failures.add(`status ${answer.statusCode}`);
    } catch (error) {
      // A connection to a node that was ended is no failure of a token.
      if (node.isAlive) failures.add(String(error));
    }
  }

  const start = performance.now();
  let half: Promise<void> | undefined;
  const isOver = (elapsed: number): boolean =>
    elapsed >= seconds * (isEnough() ? 1000 : 1000 * LONGER_AT_MOST);
  for (let elapsed = 0; !isOver(elapsed); elapsed = performance.now() - start) {
    if (half === undefined && elapsed > seconds * 500) half = Promise.resolve(atHalf?.());
    for (const due = (elapsed / 1000) * perSecond; sent < due; sent++) {
      const call = one(sent).finally(() => open.delete(call));
      open.add(call);
    }
    await pause(TICK_MS);
  }
  await Promise.all([...open, half]);
  await agent.close();
  return { answers, failures };
}

/** Mostly one of twenty tokens, now and then a new one. */
function tokenOf(number: number): string {
  const jti = number % NEW_EVERY === 0 ? `new-${number}` : `known-${number % 20}`;
  return `${unsigned({ alg: 'RS256' }, { iss: 'idp', jti, exp: 4_000_000_000 })}.c2ln`;
}
