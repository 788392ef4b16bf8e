/** The kinds of entities that the property test of the writing Admin API makes: their paths, and fields for them. */
import { generateKeyPairSync } from 'node:crypto';
import { generate } from 'selfsigned';
import type { Fields } from '../../../src/config/checks/field-issue.ts';
import type { EntityKind } from '../../../src/config/types.ts';
import type { Random } from '../mutations.ts';

/** What happens to an entity when the one that it refers to is deleted. */
type OnDelete = 'refuse' | 'cascade';

export interface Parent {
  readonly field: string;
  readonly to: EntityKind;
  readonly onDelete: OnDelete;
  /** The last segment of the collection below the parent; absent: there is none. */
  readonly nested?: string;
  readonly required?: true;
}

export interface ModelKind {
  readonly kind: EntityKind;
  /** The collection that takes writes; absent: only below a parent. */
  readonly path?: string;
  /** The field that may stand for the id in a path. */
  readonly key?: string;
  readonly parents: readonly Parent[];
  /** Valid fields by themselves. `current` is the entity that they are to change, if there is one. */
  fields(random: Random, current?: Fields): Fields;
  /** Fields that the gateway makes up when they are not sent. */
  readonly made?: readonly string[];
}

/** Few, so that they are taken soon. */
const name = (random: Random, prefix: string): string => `${prefix}-${random(6)}`;

export const pick = <T>(random: Random, list: readonly T[]): T => {
  const value = list[random(list.length)];
  if (value === undefined) throw new Error('there is nothing to pick from');
  return value;
};

/** Each field with a chance of one half. */
const some = (random: Random, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(() => random(2) === 0));

const TAGS = ['red', 'blue', 'a tag: with # signs', "it's", 'ÿ', 'yes', '0x10', '1.0'];
const tags = (random: Random): readonly string[] =>
  TAGS.filter(() => random(3) === 0).slice(0, 1 + random(3));

const PUBLIC_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).publicKey;
const SHORT_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;

const jwk = (kid: string): string =>
  JSON.stringify({ ...SHORT_KEY.export({ format: 'jwk' }), kid });

const certificateOf = (commonName: string, isAuthority: boolean) =>
  generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    ...(isAuthority && { extensions: [{ name: 'basicConstraints', cA: true, critical: true }] }),
  });

const PAIRS = await Promise.all(['a.test', 'b.test'].map((host) => certificateOf(host, false)));
const AUTHORITIES = await Promise.all(
  ['ca-1', 'ca-2', 'ca-3'].map((ca) => certificateOf(ca, true)),
);

const PLUGINS: ReadonlyMap<string, (random: Random) => Fields> = new Map([
  [
    'correlation-id',
    (random) => some(random, { generator: 'tracker', header_name: name(random, 'X-Id') }),
  ],
  [
    'request-termination',
    (random) => ({
      status_code: 400 + random(20),
      ...some(random, { message: 'off: # not now' }),
    }),
  ],
  [
    'cors',
    (random) =>
      some(random, { origins: ['https://a.test'], max_age: random(100), credentials: true }),
  ],
  ['rate-limiting', (random) => ({ minute: 1 + random(9), policy: 'local' })],
]);

/** A plugin keeps its name: another name would want another config. */
function pluginFields(random: Random, current: Fields | undefined): Fields {
  const own = current?.['name'];
  const plugin = typeof own === 'string' ? own : pick(random, [...PLUGINS.keys()]);
  return {
    name: plugin,
    config: PLUGINS.get(plugin)?.(random) ?? {},
    ...some(random, { instance_name: name(random, 'inst'), enabled: false, tags: tags(random) }),
  };
}

const CONSUMER = (nested: string): Parent => ({
  field: 'consumer',
  to: 'consumers',
  onDelete: 'cascade',
  nested,
  required: true,
});

const PEOPLE: readonly ModelKind[] = [
  {
    kind: 'consumers',
    path: 'consumers',
    key: 'username',
    parents: [],
    fields: (random) => ({
      username: name(random, 'user'),
      ...some(random, { custom_id: name(random, 'id'), tags: tags(random) }),
    }),
  },
  {
    kind: 'jwt_secrets',
    path: 'jwts',
    key: 'key',
    made: ['key', 'secret'],
    parents: [CONSUMER('jwt')],
    fields: (random) => ({
      ...some(random, { key: name(random, 'https://iss.test/?a=b#'), secret: name(random, 's') }),
      ...(random(3) === 0 && { algorithm: 'RS256', rsa_public_key: PUBLIC_KEY }),
    }),
  },
  {
    kind: 'keyauth_credentials',
    path: 'key-auths',
    key: 'key',
    made: ['key'],
    parents: [CONSUMER('key-auth')],
    fields: (random) => some(random, { key: name(random, 'key'), tags: tags(random) }),
  },
  {
    kind: 'basicauth_credentials',
    path: 'basic-auths',
    key: 'username',
    parents: [CONSUMER('basic-auth')],
    fields: (random) => ({ username: name(random, 'basic'), password: name(random, "p': #") }),
  },
  {
    kind: 'hmacauth_credentials',
    path: 'hmac-auths',
    key: 'username',
    made: ['secret'],
    parents: [CONSUMER('hmac-auth')],
    fields: (random) => ({
      username: name(random, 'hmac'),
      ...some(random, { secret: name(random, 's') }),
    }),
  },
  {
    kind: 'acls',
    path: 'acls',
    parents: [CONSUMER('acls')],
    fields: (random) => ({ group: name(random, 'group'), ...some(random, { tags: tags(random) }) }),
  },
];

const UPSTREAMS: readonly ModelKind[] = [
  {
    kind: 'upstreams',
    path: 'upstreams',
    key: 'name',
    parents: [],
    fields: (random) => ({
      name: name(random, 'up'),
      ...some(random, {
        algorithm: pick(random, ['least-connections', 'round-robin']),
        slots: 10 + random(100),
        tags: tags(random),
        healthchecks: { passive: { unhealthy: some(random, { tcp_failures: 2, timeouts: 3 }) } },
      }),
    }),
  },
  {
    kind: 'targets',
    key: 'target',
    parents: [
      {
        field: 'upstream',
        to: 'upstreams',
        onDelete: 'cascade',
        nested: 'targets',
        required: true,
      },
    ],
    fields: (random) => ({
      target: `127.0.0.${1 + random(4)}:8000`,
      ...some(random, { weight: random(200), tags: tags(random) }),
    }),
  },
];

const SECRETS: readonly ModelKind[] = [
  {
    kind: 'certificates',
    path: 'certificates',
    parents: [],
    fields: (random) => {
      const { cert, private: key } = pick(random, PAIRS);
      return { cert, key, ...some(random, { tags: tags(random) }) };
    },
  },
  {
    kind: 'snis',
    path: 'snis',
    key: 'name',
    parents: [
      {
        field: 'certificate',
        to: 'certificates',
        onDelete: 'cascade',
        nested: 'snis',
        required: true,
      },
    ],
    fields: (random) => ({ name: `s${random(5)}.test`, ...some(random, { tags: tags(random) }) }),
  },
  {
    kind: 'ca_certificates',
    path: 'ca_certificates',
    parents: [],
    fields: (random) => ({
      cert: pick(random, AUTHORITIES).cert,
      ...some(random, { tags: tags(random) }),
    }),
  },
  {
    kind: 'vaults',
    path: 'vaults',
    key: 'prefix',
    parents: [],
    fields: (random) => ({
      name: 'env',
      prefix: name(random, 'vault'),
      ...some(random, { description: 'made: by a test', config: { prefix: 'A_' } }),
    }),
  },
  {
    kind: 'key_sets',
    path: 'key-sets',
    key: 'name',
    parents: [],
    fields: (random) => ({ name: name(random, 'set'), ...some(random, { tags: tags(random) }) }),
  },
  {
    kind: 'keys',
    path: 'keys',
    key: 'name',
    parents: [{ field: 'set', to: 'key_sets', onDelete: 'cascade', nested: 'keys' }],
    fields: (random) => {
      const kid = name(random, 'kid');
      return { name: name(random, 'key'), kid, jwk: jwk(kid) };
    },
  },
];

const ROUTING: readonly ModelKind[] = [
  {
    kind: 'services',
    path: 'services',
    key: 'name',
    parents: [],
    fields: (random) => ({
      name: name(random, 'svc'),
      host: `${name(random, 'host')}.test`,
      ...some(random, {
        port: 1 + random(60_000),
        path: `/base/${random(9)}`,
        retries: random(9),
        connect_timeout: 1 + random(9000),
        tags: tags(random),
        enabled: random(2) === 0,
      }),
    }),
  },
  {
    kind: 'routes',
    path: 'routes',
    key: 'name',
    parents: [{ field: 'service', to: 'services', onDelete: 'refuse', nested: 'routes' }],
    fields: (random) => ({
      name: name(random, 'route'),
      paths: [`/p${random(9)}`, `~/r${random(9)}/\\d+$`].slice(0, 1 + random(2)),
      ...some(random, {
        hosts: ['*.wild.test', 'plain.test'],
        methods: ['GET', 'POST'],
        headers: { 'X-Tier': ['gold', 'yes'] },
        strip_path: false,
        tags: tags(random),
        regex_priority: random(9),
      }),
    }),
  },
  {
    kind: 'plugins',
    path: 'plugins',
    key: 'instance_name',
    parents: [
      { field: 'route', to: 'routes', onDelete: 'cascade', nested: 'plugins' },
      { field: 'service', to: 'services', onDelete: 'cascade', nested: 'plugins' },
    ],
    fields: pluginFields,
  },
];

export const MODEL_KINDS: readonly ModelKind[] = [...ROUTING, ...PEOPLE, ...UPSTREAMS, ...SECRETS];
