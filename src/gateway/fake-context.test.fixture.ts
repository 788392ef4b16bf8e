/** A request's context and a plugin's build without a gateway, for tests of compiled phases. */
import type { Consumer, JwtSecret, KeyauthCredential } from '../config/types.ts';
import { parseQuery, type QueryArgs } from '../http/query.ts';
import type { HeaderList } from '../http/headers.ts';
import { SILENT } from '../log.ts';
import type {
  Credential,
  CredentialKind,
  PluginBuild,
  PluginLookups,
  RequestContext,
} from '../plugin.ts';

export interface FakeRequest {
  readonly method?: string;
  /** Path and query. */
  readonly target?: string;
  readonly headers?: HeaderList;
  readonly body?: string | Buffer;
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
  readonly clientAddress = '192.0.2.1';
  readonly connectingAddress = '192.0.2.1';
  readonly route = undefined;
  readonly service = undefined;
  readonly captures = undefined;
  readonly shared = new Map<string, unknown>();
  consumer: Consumer | undefined = undefined;
  credential: Credential | undefined = undefined;
  /** The third argument of `authenticate`. */
  identifier: string | undefined = undefined;
  upstreamBody: Buffer;
  bodyReads = 0;

  constructor({ method = 'GET', target = '/', headers = [], body = '' }: FakeRequest = {}) {
    const mark = target.indexOf('?');
    this.method = method;
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

  setBody(body: Buffer): void {
    this.upstreamBody = body;
  }

  authenticate(consumer: Consumer, credential?: Credential, identifier?: string): void {
    this.consumer = consumer;
    this.credential = credential;
    this.identifier = identifier;
  }
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
}

/** The build of a plugin without config of its own. `now` in milliseconds since the epoch. */
export function fakeBuild(entities: FakeEntities = {}, now = Date.now): PluginBuild {
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
    nodeId: '00000000-0000-4000-8000-000000000000',
    now,
  };
}

function fakeLookups(entities: FakeEntities): PluginLookups {
  const { consumers = [] } = entities;
  const jwtSecrets = new Map((entities.jwtSecrets ?? []).map((entity) => [entity.key, entity]));
  const keyauth = new Map((entities.keyauth ?? []).map((entity) => [entity.key, entity]));
  const byId = (id: string): Consumer | undefined =>
    consumers.find((consumer) => consumer.id === id);
  function credentials(kind: 'jwt_secrets'): typeof jwtSecrets;
  function credentials(kind: 'keyauth_credentials'): typeof keyauth;
  function credentials(kind: CredentialKind): typeof jwtSecrets | typeof keyauth {
    return kind === 'jwt_secrets' ? jwtSecrets : keyauth;
  }
  return {
    credentials,
    consumerById: byId,
    anonymousConsumer: (reference) =>
      byId(reference) ?? consumers.find(({ username }) => username === reference),
    groupsOf: () => [],
  };
}
