/** gRPC through the gateway when something is in the way: refusals, dead and dying upstreams, TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { credentials, ServerCredentials, status, type ServerWritableStream } from '@grpc/grpc-js';
import { generate } from 'selfsigned';
import { exitJson } from '../src/http/response.ts';
import type { PluginPhases } from '../src/plugin.ts';
import {
  asIs,
  echo,
  endOf,
  gateway,
  GRPC_ROUTE,
  grpcClient,
  METHODS,
  OK_HEAD,
  startGrpcOrigin,
  startRaw,
  unary,
  type Bytes,
} from './support/grpc.ts';
import { deadPort } from './support/origin.ts';
import { startProxy, type ProxyOptions } from './support/proxy.ts';
import { testListener } from './support/settings.ts';

const REFUSED_STREAM = 7;

interface Refusal {
  readonly name: string;
  readonly more: (t: TestContext) => Promise<Partial<ProxyOptions> & { readonly port?: number }>;
  readonly http: number;
  readonly code: status;
  readonly details: string | RegExp;
}

const refusing: PluginPhases = {
  access: () => ({
    kind: 'exit',
    status: 401,
    headers: ['Content-Type', 'application/json', 'WWW-Authenticate', 'Bearer'],
    body: '{"message":"No token"}',
  }),
};

const terminated = (config: Readonly<Record<string, unknown>>): Partial<ProxyOptions> => ({
  entities: { plugins: [{ name: 'request-termination', config }] },
});

const REFUSALS: readonly Refusal[] = [
  {
    name: 'a plugin refuses',
    more: async () => ({ phases: [refusing] }),
    http: 401,
    code: status.UNAUTHENTICATED,
    details: 'No token',
  },
  {
    name: 'a plugin refuses with a text',
    more: async () => terminated({ status_code: 403, body: 'closed' }),
    http: 403,
    code: status.PERMISSION_DENIED,
    details: 'closed',
  },
  {
    name: 'a plugin refuses with half a character',
    more: async () => ({
      phases: [{ access: () => exitJson(403, { message: 'no \uD83D' }) }],
    }),
    http: 403,
    code: status.PERMISSION_DENIED,
    details: 'no \uFFFD',
  },
  {
    name: 'a plugin refuses with a page',
    more: async () => terminated({ status_code: 409 }),
    http: 409,
    code: status.ALREADY_EXISTS,
    details: 'AlreadyExists',
  },
  {
    name: 'no route matches',
    more: async () => ({ route: { ...GRPC_ROUTE, paths: ['/other'] } }),
    http: 404,
    code: status.NOT_FOUND,
    details: 'NotFound',
  },
  {
    name: 'nothing listens',
    more: async () => ({ port: await deadPort() }),
    http: 502,
    code: status.INTERNAL,
    details: 'An invalid response was received from the upstream server',
  },
  {
    name: 'the upstream is silent',
    more: async () => ({ service: { read_timeout: 100 } }),
    http: 504,
    code: status.DEADLINE_EXCEEDED,
    details: 'The upstream server is timing out',
  },
];

for (const { name, more, http, code, details } of REFUSALS) {
  test(`${name}: HTTP ${http} and a gRPC status in the head`, async (t) => {
    const { port: dead, ...options } = await more(t);
    const { port } = await startGrpcOrigin(t, { ...echo, unary() {} });
    const client = await gateway(t, dead ?? port, options);
    const answer = await unary(client, Buffer.from('x'));
    assert.equal(answer.status.code, code);
    assert.equal(answer.status.details, details);
    if (http === 401) assert.deepEqual(answer.status.metadata.get('www-authenticate'), ['Bearer']);
  });
}

test('an upstream that breaks off in the middle: the client gets a status and not a silence', async (t) => {
  const { port, server } = await startGrpcOrigin(t, {
    ...echo,
    list(call: ServerWritableStream<Bytes, Bytes>) {
      call.write(Buffer.from('x'));
    },
  });
  const client = await gateway(t, port);
  const call = client.makeServerStreamRequest(METHODS.list.path, asIs, asIs, Buffer.from('x'));
  const ended = endOf(call);
  await once(call, 'data');
  server.forceShutdown();
  const end = await ended;
  assert.equal(end.code, status.INTERNAL);
});

test('a dead target is passed over, also for a streamed request', async (t) => {
  const dead = await deadPort();
  const { port } = await startGrpcOrigin(t, echo);
  const client = await gateway(t, port, {
    service: { host: 'pool.up', retries: 1 },
    upstreams: [{ name: 'pool.up', targets: [`127.0.0.1:${dead}`, `127.0.0.1:${port}`] }],
  });
  for (let i = 0; i < 4; i++) {
    // oxlint-disable-next-line no-await-in-loop -- every other one meets the dead target first
    const { message } = await unary(client, Buffer.from([i]));
    assert.equal(message?.[0], i);
  }
});

test('a stream that the upstream refused is tried again, with what was sent of its body', async (t) => {
  let streams = 0;
  const port = await startRaw(t, (session) => {
    session.on('stream', (stream) => {
      stream.on('error', () => {});
      streams++;
      const isFirst = streams === 1;
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      if (isFirst) stream.once('data', () => stream.close(REFUSED_STREAM));
      stream.on('end', () => {
        if (isFirst || stream.destroyed) return;
        stream.respond(OK_HEAD, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.concat(parts));
      });
    });
  });
  const client = await gateway(t, port, { service: { retries: 2 } });
  const { message, status: end } = await unary(client, Buffer.from('once more'));
  assert.equal(end.code, status.OK);
  assert.equal(message?.toString(), 'once more');
  assert.equal(streams, 2);
});

test('after a GOAWAY the next call gets a new connection, and the one under way its answer', async (t) => {
  let sessions = 0;
  const port = await startRaw(t, (session) => {
    sessions++;
    session.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.resume();
      session.goaway();
      stream.on('end', () => {
        stream.respond({ ...OK_HEAD, 'grpc-status': '0' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.from([0, 0, 0, 0, 0]));
      });
    });
  });
  const client = await gateway(t, port);
  for (let i = 1; i <= 3; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const answer = await unary(client, Buffer.from('x'));
    assert.equal(answer.status.code, status.OK);
    assert.equal(sessions, i);
  }
});

test('grpcs on both sides: ALPN, server name, verified certificate', async (t) => {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const pair = { private_key: Buffer.from(pems.private), cert_chain: Buffer.from(pems.cert) };
  const { port } = await startGrpcOrigin(t, echo, {
    credentials: ServerCredentials.createSsl(null, [pair]),
  });
  const proxy = await startProxy(t, {
    upstreamPort: port,
    service: { protocol: 'grpcs', host: 'localhost', tls_verify: true, retries: 0 },
    route: { ...GRPC_ROUTE, protocols: ['grpcs'] },
    settings: {
      proxyListen: [testListener({ http2: true, ssl: true }), testListener({ http2: true })],
      trustedCertificates: pems.cert,
    },
    defaultTls: { cert: pems.cert, key: pems.private },
  });
  const security = credentials.createSsl(Buffer.from(pems.cert));
  const client = grpcClient(t, proxy.port, security, 'localhost');
  const { message } = await unary(client, Buffer.from('secret'));
  assert.equal(message?.toString(), 'secret');
  const plain = await unary(grpcClient(t, proxy.ports[1] ?? 0), Buffer.from('x'));
  assert.equal(plain.status.code, status.CANCELLED);
  assert.equal(plain.status.details, 'gRPC request matched gRPCs route');
});
