/** A request's context and a plugin's build without a gateway, for tests of compiled phases. */
import type {
  Acl,
  BasicauthCredential,
  Consumer,
  ConsumerGroup,
  HmacauthCredential,
  JwtSecret,
  Key,
  KeyauthCredential,
  Route,
  Service,
} from '../config/types.ts';
import { createLocalAnswers } from '../answer-cache/local.ts';
import { createLocalCounters } from '../counters/local.ts';
import { parseQuery, type QueryArgs } from '../http/query.ts';
import type { HeaderList } from '../http/headers.ts';
import { SILENT } from '../log.ts';
import { createRedisConnections } from '../redis/connections.ts';
import { createMetricStore } from '../metrics/store.ts';
import { compilePattern } from '../router/regex.ts';
import type { PluginServices } from '../services.ts';
import type { RequestSpans } from '../tracing/spans.ts';
import type {
  Credential,
  CredentialKind,
  CredentialMaps,
  Outcome,
  OutcomeDetails,
  PluginBuild,
  PluginLookups,
  RequestContext,
  UriCaptures,
} from '../plugin.ts';

export interface FakeRequest {
  readonly method?: string;
  /** Path and query. */
  readonly target?: string;
  readonly headers?: HeaderList;
  readonly body?: string | Buffer;
  readonly clientAddress?: string;
  readonly captures?: UriCaptures;
}

/** What a plugin did to a request, beside what it answered. */
export class FakeContext implements RequestContext {
  readonly id = '0123456789abcdef0123456789abcdef';
  readonly method: string;
  readonly scheme = 'http';
  readonly httpVersion = '1.1';
  readonly host = 'gateway.test';
  readonly port = 8000;
  readonly target: string;
  readonly path: string;
  readonly headers: HeaderList;
  rawQuery: string;
  readonly clientAddress: string;
  readonly connectingAddress = '192.0.2.1';
  readonly route: Route | undefined = undefined;
  readonly service: Service | undefined = undefined;
  readonly captures: UriCaptures | undefined;
  readonly shared = new Map<string, unknown>();
  upstreamMethod: string;
  upstreamPath: string | undefined = undefined;
  upstreamHost: string | undefined = undefined;
  consumer: Consumer | undefined = undefined;
  credential: Credential | undefined = undefined;
  claims: unknown = undefined;
  traceIds: Readonly<Record<string, string>> | undefined = undefined;
  correlationId: string | undefined = undefined;
  spans: RequestSpans | undefined = undefined;
  /** The third argument of `authenticate`. */
  identifier: string | undefined = undefined;
  upstreamBody: Buffer;
  bodyReads = 0;

  constructor(request: FakeRequest = {}) {
    const { method = 'GET', target = '/', headers = [], body = '' } = request;
    this.clientAddress = request.clientAddress ?? '192.0.2.1';
    this.captures = request.captures;
    const mark = target.indexOf('?');
    this.method = method;
    this.upstreamMethod = method;
    this.target = target;
    this.path = mark === -1 ? target : target.slice(0, mark);
    this.rawQuery = mark === -1 ? '' : target.slice(mark);
    this.headers = [...headers];
    this.upstreamBody = Buffer.from(body);
  }

  query(): QueryArgs {
    return parseQuery(this.rawQuery);
  }

  body(): Promise<Buffer> {
    this.bodyReads++;
    return Promise.resolve(this.upstreamBody);
  }

  bodySize(): Promise<number> {
    this.bodyReads++;
    return Promise.resolve(this.upstreamBody.length);
  }

  setBody(body: Buffer): void {
    this.upstreamBody = body;
  }

  authenticate(consumer: Consumer, credential?: Credential, identifier?: string): void {
    this.consumer = consumer;
    this.credential = credential;
    this.identifier = identifier;
  }
}

/** What came of a request that an upstream answered with 200; parts of it replaced. */
export function fakeOutcome(
  parts: Partial<Omit<Outcome, 'details'>> = {},
  details: Partial<OutcomeDetails> = {},
): Outcome {
  return {
    status: 200,
    source: 'upstream',
    aborted: false,
    startedAt: Date.parse('2026-11-25T13:30:15.500Z'),
    requestMs: 12,
    kongMs: 2,
    proxyMs: 9,
    responseBytes: 2,
    tries: [],
    ...parts,
    details: () => ({
      requestBytes: 100,
      responseBytes: 200,
      responseHeaders: ['Content-Type', 'text/plain'],
      upstreamUri: '/upstream',
      upstreamStatus: '200',
      receiveMs: 1,
      publicPort: 8000,
      clientPort: 40_000,
      tls: undefined,
      secretQueryNames: new Set(),
      secretHeaderNames: new Set(),
      ...details,
    }),
  };
}

export function fakeConsumer(username: string): Consumer {
  return {
    id: `id-of-${username}`,
    created_at: 0,
    updated_at: 0,
    username,
    custom_id: null,
    tags: null,
  };
}

export interface FakeEntities {
  readonly consumers?: readonly Consumer[];
  readonly jwtSecrets?: readonly JwtSecret[];
  readonly keyauth?: readonly KeyauthCredential[];
  readonly basicauth?: readonly BasicauthCredential[];
  readonly hmacauth?: readonly HmacauthCredential[];
  readonly acls?: readonly Acl[];
  /** By consumer id. */
  readonly groups?: ReadonlyMap<string, readonly ConsumerGroup[]>;
  /** `key_sets` by name, with their keys. */
  readonly keySets?: ReadonlyMap<string, readonly Key[]>;
}

const refuse = (): never => {
  throw new Error('this test gives the plugin no services');
};

/** The build of a plugin without config of its own. `now` in milliseconds since the epoch. */
export function fakeBuild(
  entities: FakeEntities = {},
  now = Date.now,
  services: Partial<PluginServices> = {},
): PluginBuild {
  return {
    entity: {
      id: 'plugin',
      name: 'plugin',
      instance_name: null,
      created_at: 0,
      updated_at: 0,
      route: null,
      service: null,
      consumer: null,
      consumer_group: null,
      config: {},
      protocols: ['http'],
      enabled: true,
      tags: null,
    },
    lookups: fakeLookups(entities),
    log: SILENT,
    services: {
      outbound: { request: refuse },
      keySources: { open: refuse },
      keysets: { open: refuse },
      counters: createLocalCounters(now),
      answers: createLocalAnswers(1024 * 1024, now),
      redis: createRedisConnections(SILENT),
      resolve: (host) => [{ ip: host }],
      metrics: createMetricStore(),
      logTap: { subscribe: () => () => {} },
      ...services,
    },
    nodeId: '00000000-0000-4000-8000-000000000000',
    hostname: 'gateway.test',
    now,
    compileRegex: compilePattern,
    reveal: (text) => text,
  };
}

function fakeLookups(entities: FakeEntities): PluginLookups {
  const { consumers = [], jwtSecrets = [], keyauth = [], basicauth = [], hmacauth = [] } = entities;
  const maps: CredentialMaps = {
    jwt_secrets: new Map(jwtSecrets.map((entity) => [entity.key, entity])),
    keyauth_credentials: new Map(keyauth.map((entity) => [entity.key, entity])),
    basicauth_credentials: new Map(basicauth.map((entity) => [entity.username, entity])),
    hmacauth_credentials: new Map(hmacauth.map((entity) => [entity.username, entity])),
  };
  const byId = (id: string): Consumer | undefined =>
    consumers.find((consumer) => consumer.id === id);
  return {
    credentials: <K extends CredentialKind>(kind: K) => maps[kind],
    consumerById: byId,
    consumerBy: (field, value) => consumers.find((consumer) => consumer[field] === value),
    certificate: () => undefined,
    keysOfSet: (name) => entities.keySets?.get(name),
    anonymousConsumer: (reference) =>
      byId(reference) ?? consumers.find(({ username }) => username === reference),
    groupsOf: (consumerId) => entities.groups?.get(consumerId) ?? [],
    aclGroupsOf: (consumerId) =>
      (entities.acls ?? [])
        .filter(({ consumer }) => consumer.id === consumerId)
        .map(({ group }) => group),
  };
}
