/** A real gRPC server and client (grpc-js) over a service with every kind of call; messages are bytes. */
import {
  credentials,
  Client,
  Metadata,
  Server,
  ServerCredentials,
  type ChannelCredentials,
  type MethodDefinition,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type ServiceError,
  type StatusObject,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { once, type EventEmitter } from 'node:events';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { startProxy, type ProxyOptions } from './proxy.ts';
import { testListener } from './settings.ts';

export const asIs = (bytes: Buffer): Buffer => bytes;

const methodOf = (
  name: string,
  kind: { readonly requestStream: boolean; readonly responseStream: boolean },
  service = 'test.Echo',
): MethodDefinition<Buffer, Buffer> => ({
  path: `/${service}/${name}`,
  ...kind,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

export const METHODS = {
  unary: methodOf('Unary', { requestStream: false, responseStream: false }),
  collect: methodOf('Collect', { requestStream: true, responseStream: false }),
  list: methodOf('List', { requestStream: false, responseStream: true }),
  chat: methodOf('Chat', { requestStream: true, responseStream: true }),
};

/** gRPC's health protocol. */
export const HEALTH_SERVICE = {
  check: methodOf(
    'Check',
    { requestStream: false, responseStream: false },
    'grpc.health.v1.Health',
  ),
};

export interface GrpcOrigin {
  readonly port: number;
  readonly server: Server;
}

export interface GrpcOriginOptions {
  readonly credentials?: ServerCredentials;
  /** Absent: the one of every call kind. */
  readonly service?: ServiceDefinition;
}

/** Starts a server with these methods; it ends with the test. */
export async function startGrpcOrigin(
  t: TestContext,
  methods: UntypedServiceImplementation,
  options: GrpcOriginOptions = {},
): Promise<GrpcOrigin> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(options.service ?? METHODS, methods);
  const security = options.credentials ?? ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', security, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  t.after(() => server.forceShutdown());
  return { port, server };
}

/** A client of the gateway; it ends with the test. */
export function grpcClient(
  t: TestContext,
  port: number,
  security: ChannelCredentials = credentials.createInsecure(),
  serverName?: string,
): Client {
  const client = new Client(`127.0.0.1:${port}`, security, {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.enable_retries': 0,
    ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
  });
  t.after(() => client.close());
  return client;
}

export interface UnaryAnswer {
  readonly error: ServiceError | null;
  readonly message: Buffer | undefined;
  /** Initial metadata. */
  readonly head: Metadata;
  readonly status: StatusObject;
}

export interface UnaryOptions {
  readonly metadata?: Metadata;
  readonly deadline?: number;
  readonly path?: string;
}

/** One unary call, with all that came back. Never rejects. */
export function unary(
  client: Client,
  message: Buffer,
  { metadata = new Metadata(), deadline, path = METHODS.unary.path }: UnaryOptions = {},
): Promise<UnaryAnswer> {
  return new Promise((resolve) => {
    let head = new Metadata();
    let outcome: { readonly error: ServiceError | null; readonly message: Buffer | undefined };
    const options = deadline === undefined ? {} : { deadline };
    const call = client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      message,
      metadata,
      options,
      (error, answer) => {
        outcome = { error, message: answer };
      },
    );
    call.once('metadata', (found: Metadata) => (head = found));
    call.once('status', (status: StatusObject) => {
      // The callback has run, or runs in this tick.
      setImmediate(() => resolve({ ...outcome, head, status }));
    });
  });
}

export type Bytes = Buffer;
export type Unary = ServerUnaryCall<Bytes, Bytes>;
export type Answer = sendUnaryData<Bytes>;

export const echo: UntypedServiceImplementation = {
  unary(call: Unary, done: Answer) {
    done(null, call.request);
  },
  collect(call: ServerReadableStream<Bytes, Bytes>, done: Answer) {
    const parts: Buffer[] = [];
    call.on('data', (part: Buffer) => parts.push(part));
    call.on('end', () => done(null, Buffer.concat(parts)));
  },
  list(call: ServerWritableStream<Bytes, Bytes>) {
    for (const byte of call.request) call.write(Buffer.from([byte]));
    call.end();
  },
  chat(call: ServerDuplexStream<Bytes, Bytes>) {
    call.on('data', (part: Buffer) => call.write(part));
    call.on('end', () => call.end());
  },
};

export const GRPC_ROUTE = { protocols: ['grpc', 'grpcs'], paths: ['/'] };

export async function gateway(
  t: TestContext,
  upstreamPort: number,
  more: Partial<ProxyOptions> = {},
): Promise<Client> {
  const proxy = await startProxy(t, proxyOptions(upstreamPort, more));
  return grpcClient(t, proxy.port);
}

/** A listener of HTTP/2 in front of a service of gRPC. */
export function proxyOptions(
  upstreamPort: number,
  { service, ...rest }: Partial<ProxyOptions> = {},
): ProxyOptions {
  return {
    upstreamPort,
    service: { protocol: 'grpc', retries: 0, ...service },
    route: GRPC_ROUTE,
    settings: { proxyListen: [testListener({ http2: true })] },
    ...rest,
  };
}

export async function through(
  t: TestContext,
  methods: UntypedServiceImplementation,
  more: Partial<ProxyOptions> = {},
): Promise<Client> {
  const { port } = await startGrpcOrigin(t, { ...echo, ...methods });
  return gateway(t, port, more);
}

/** How a call ends; a failed one also emits an error, which says the same. */
export function endOf(call: EventEmitter): Promise<StatusObject> {
  call.on('error', () => {});
  return new Promise((resolve) => call.once('status', resolve));
}

/** An HTTP/2 server without gRPC's manners. */
export async function startRaw(
  t: TestContext,
  serve: (session: ServerHttp2Session) => void,
): Promise<number> {
  const server = createHttp2Server();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    serve(session);
  });
  t.after(() => {
    server.close();
    for (const session of sessions) session.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

/** The head of a good answer. */
export const OK_HEAD = { ':status': 200, 'content-type': 'application/grpc' };
