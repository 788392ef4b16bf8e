/** The other 32 fields of each token, and the five that both share. */
import { setTimeout as pause } from 'node:timers/promises';
import { startIssuer } from '../support/issuer.ts';
import { K1, K2, setOf, usualClaims } from '../support/signer.ts';
import { mutualTlsServer, selfSignedPem, selfSignedServer } from '../support/tls.ts';
import { hmacSigned, privateJwk, publicJwk, type Claims } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { IN, OUT, type FieldTest, type KindWorld } from './field-tests.ts';

const GUARDED = `Basic ${Buffer.from('me:secret').toString('base64')}`;
const CERTIFICATE_ID = '22222222-2222-4222-8222-222222222222';
const CLIENT = await selfSignedPem('gateway.test');
const CERTIFICATE: Claims = { certificates: [{ id: CERTIFICATE_ID, ...CLIENT }] };

const statusOfJwt = async (w: KindWorld): Promise<unknown> => (await w.askGood()).status;
const statusOfOpaque = async (w: KindWorld): Promise<unknown> => (await w.askOpaque()).status;

/** A form field of the last introspection. */
const asked = (name: string) => async (w: KindWorld) => {
  await w.askOpaque();
  return new URLSearchParams(w.issuer.seen.at(-1)?.body).get(name);
};

/** The keys of the provider are for those who log in. */
const guardKeys = (w: KindWorld): void => {
  const { keys } = w.issuer;
  w.issuer.keys = (request) =>
    request.authorization === GUARDED ? keys(request) : { status: 401, body: {} };
};

/** A keyset behind a URL, for those who log in. */
const guardKeyset = (w: KindWorld): Claims => {
  w.issuer.introspect = ({ authorization }) =>
    authorization === GUARDED ? { body: setOf(privateJwk(K2)) } : { status: 401, body: {} };
  return { '{t}_keyset': `${w.issuer.url}/keyset` };
};

const forClient = (body: Claims) => (request: { readonly clientName: string | undefined }) =>
  request.clientName === 'gateway.test' ? { body } : { status: 403, body: {} };

/** A provider that wants a client certificate, for keys of both kinds. */
async function mutualTls(w: KindWorld): Promise<string> {
  const issuer = await startIssuer(w.t, await mutualTlsServer());
  issuer.keys = forClient(setOf(publicJwk(K1)));
  issuer.introspect = forClient(setOf(privateJwk(K2)));
  return issuer.url;
}

/** Fetches of a path in a time in which a period of one second ends twice. */
const fetchesOf = async (w: KindWorld, path: string): Promise<string> => {
  const count = (): number => w.issuer.seen.filter((request) => request.path === path).length;
  await w.askGood();
  const several = until(() => count() >= 3, 6000).then(() => 'several');
  const end = new AbortController();
  const one = pause(3500, 'one', { signal: end.signal }).catch(() => 'one');
  several.catch(() => undefined);
  const outcome = await Promise.race([several, one]);
  end.abort();
  return outcome;
};

const VERIFICATION: readonly FieldTest[] = [
  { field: '{t}_request_header', values: [IN, 'X-Other'], expect: [200, 401], probe: statusOfJwt },
  {
    field: '{t}_optional',
    values: [false, true],
    expect: [401, 200],
    probe: async (w) => (await w.send([])).status,
  },
  {
    field: 'enable_{t}_introspection',
    values: [true, false],
    expect: [200, 401],
    probe: statusOfOpaque,
  },
  {
    field: 'verify_{t}_signature',
    values: [true, false],
    expect: [401, 200],
    probe: async (w) => (await w.ask(w.at().replace(/[^.]+$/, 'c2ln'))).status,
  },
  {
    field: '{t}_jwks_uri',
    values: [null, (w: KindWorld) => w.issuer.jwks],
    expect: [401, 200],
    probe: statusOfJwt,
  },
  {
    field: '{t}_jwks_uri_client_username',
    base: { '{t}_jwks_uri_client_password': 'secret' },
    values: ['me', 'other'],
    expect: [200, 401],
    prepare: guardKeys,
    probe: statusOfJwt,
  },
  {
    field: '{t}_jwks_uri_client_password',
    base: { '{t}_jwks_uri_client_username': 'me' },
    values: ['secret', 'other'],
    expect: [200, 401],
    prepare: guardKeys,
    probe: statusOfJwt,
  },
  {
    field: '{t}_jwks_uri_client_certificate',
    base: { '{t}_endpoints_ssl_verify': false },
    entities: CERTIFICATE,
    values: [{ id: CERTIFICATE_ID }, null],
    expect: [200, 401],
    prepare: async (w) => ({ '{t}_jwks_uri': `${await mutualTls(w)}/jwks` }),
    probe: statusOfJwt,
  },
  {
    field: '{t}_jwks_uri_rotate_period',
    values: [0, 1],
    expect: ['one', 'several'],
    probe: (w) => fetchesOf(w, '/jwks'),
  },
  {
    field: '{t}_endpoints_ssl_verify',
    values: [true, false],
    expect: [
      [401, 401],
      [200, 200],
    ],
    async prepare(w) {
      const secure = await startIssuer(w.t, await selfSignedServer());
      const { keys, introspect } = w.issuer;
      Object.assign(secure, { keys, introspect });
      return { '{t}_jwks_uri': secure.jwks, '{t}_introspection_endpoint': secure.endpoint };
    },
    probe: async (w) => [await statusOfJwt(w), await statusOfOpaque(w)],
  },
];

const INTROSPECTION: readonly FieldTest[] = [
  {
    field: '{t}_introspection_endpoint',
    values: [null, (w: KindWorld) => w.issuer.endpoint],
    expect: [401, 200],
    probe: statusOfOpaque,
  },
  {
    field: '{t}_introspection_authorization',
    values: [null, GUARDED],
    expect: [undefined, GUARDED],
    async probe(w) {
      await w.askOpaque();
      return w.issuer.seen.at(-1)?.authorization;
    },
  },
  {
    field: '{t}_introspection_body_args',
    values: [null, 'resource=orders&a='],
    expect: [null, 'orders'],
    probe: asked('resource'),
  },
  {
    field: '{t}_introspection_hint',
    values: [null, 'refresh_token'],
    expect: [null, 'refresh_token'],
    probe: asked('token_type_hint'),
  },
  {
    field: '{t}_introspection_timeout',
    values: [60, 10_000],
    expect: [401, 200],
    prepare(w) {
      const { introspect } = w.issuer;
      w.issuer.introspect = (request) => ({ ...introspect(request), delayMs: 400 });
    },
    probe: statusOfOpaque,
  },
  {
    field: '{t}_introspection_jwt_claim',
    values: [null, ['inner', 'jwt']],
    expect: ['of the result', 'of the JWT'],
    prepare: (w) => w.result({ sub: 'of the result', inner: { jwt: w.at({ sub: 'of the JWT' }) } }),
    probe: async (w) => w.claims(await w.askOpaque())['sub'],
  },
  {
    field: 'cache_{t}_introspection',
    values: [true, false],
    expect: [1, 2],
    async probe(w) {
      await w.askOpaque();
      await w.askOpaque();
      return w.issuer.count('/introspect');
    },
  },
  {
    field: 'trust_{t}_introspection',
    base: { '{t}_scopes_required': ['admin'] },
    values: [true, false],
    expect: [200, 403],
    probe: statusOfOpaque,
  },
];

const SIGNING: readonly FieldTest[] = [
  {
    field: '{t}_signing',
    values: [true, false],
    expect: [
      [true, false],
      [false, true],
    ],
    async probe(w) {
      const answer = await w.askGood();
      return [answer.up(OUT) !== undefined, answer.up(IN) !== undefined];
    },
  },
  {
    field: '{t}_signing_algorithm',
    values: ['RS256', 'EdDSA'],
    expect: ['RS256', 'EdDSA'],
    probe: async (w) => (await w.askGood()).fresh(OUT).header['alg'],
  },
  {
    field: '{t}_issuer',
    values: ['kong', 'https://gateway'],
    expect: ['kong', 'https://gateway'],
    probe: async (w) => w.claims(await w.askGood())['iss'],
  },
  {
    field: '{t}_keyset',
    values: ['kong', (w: KindWorld) => `${w.issuer.url}/keyset`],
    expect: [false, true],
    prepare(w) {
      w.issuer.introspect = () => ({ body: setOf(privateJwk(K2)) });
    },
    probe: async (w) => (await w.askGood()).fresh(OUT).header['kid'] === 'k2',
  },
  {
    field: '{t}_keyset_client_username',
    base: { '{t}_keyset_client_password': 'secret' },
    values: ['me', 'other'],
    expect: [200, 500],
    prepare: guardKeyset,
    probe: statusOfJwt,
  },
  {
    field: '{t}_keyset_client_password',
    base: { '{t}_keyset_client_username': 'me' },
    values: ['secret', 'other'],
    expect: [200, 500],
    prepare: guardKeyset,
    probe: statusOfJwt,
  },
  {
    field: '{t}_keyset_client_certificate',
    base: { '{t}_endpoints_ssl_verify': false },
    entities: CERTIFICATE,
    values: [{ id: CERTIFICATE_ID }, null],
    expect: [200, 500],
    prepare: async (w) => ({ '{t}_keyset': `${await mutualTls(w)}/keyset` }),
    probe: statusOfJwt,
  },
  {
    field: '{t}_keyset_rotate_period',
    values: [0, 1],
    expect: ['one', 'several'],
    prepare(w) {
      w.issuer.introspect = () => ({ body: setOf(privateJwk(K2)) });
      return { '{t}_keyset': `${w.issuer.url}/keyset` };
    },
    probe: (w) => fetchesOf(w, '/keyset'),
  },
  {
    field: '{t}_upstream_header',
    values: [OUT, null],
    expect: [true, false],
    probe: async (w) => (await w.askGood()).up(OUT) !== undefined,
  },
  {
    field: '{t}_upstream_leeway',
    values: [0, -60],
    expect: [2_000_000_000, 1_999_999_940],
    probe: async (w) => w.claims(await w.askGood({ exp: 2_000_000_000 }))['exp'],
  },
  {
    field: 'original_{t}_upstream_header',
    values: [null, 'X-Original'],
    expect: [undefined, true],
    async probe(w) {
      const token = w.at();
      const original = (await w.ask(token)).up('x-original');
      return original && original === token;
    },
  },
  {
    field: 'add_{t}_claims',
    values: [{}, { tier: 'gold', sub: 'x' }],
    expect: [
      [undefined, 'u1'],
      ['gold', 'u1'],
    ],
    probe: async (w) => tierAndSubject(w.claims(await w.askGood())),
  },
  {
    field: 'set_{t}_claims',
    values: [{}, { tier: 'gold', sub: 'x' }],
    expect: [
      [undefined, 'u1'],
      ['gold', 'x'],
    ],
    probe: async (w) => tierAndSubject(w.claims(await w.askGood())),
  },
  {
    field: 'remove_{t}_claims',
    values: [[], ['sub']],
    expect: ['u1', undefined],
    probe: async (w) => w.claims(await w.askGood())['sub'],
  },
];

const tierAndSubject = (claims: Claims): unknown => [claims['tier'], claims['sub']];

export const TOKEN_FIELDS: readonly FieldTest[] = [...VERIFICATION, ...INTROSPECTION, ...SIGNING];

const SECRET = Buffer.alloc(32, 5);

/** `enable_instrumentation` writes to the log; its test is beside the others. */
export const SHARED_FIELDS: readonly FieldTest[] = [
  {
    field: 'realm',
    values: [null, 'acme'],
    expect: ['Bearer realm="api.test"', 'Bearer realm="acme"'],
    probe: async (w) => (await w.send([])).challenge,
  },
  {
    field: 'enable_hs_signatures',
    values: [false, true],
    expect: [401, 200],
    prepare(w) {
      const jwk = { kty: 'oct', alg: 'HS256', kid: 'h', k: SECRET.toString('base64url') };
      w.issuer.keys = () => ({ body: setOf(jwk) });
    },
    probe: async (w) => (await w.ask(hmacSigned(SECRET, usualClaims(), { kid: 'h' }))).status,
  },
  {
    field: 'add_claims',
    values: [{}, { tier: 'gold', sub: 'x' }],
    expect: [
      [undefined, 'u1'],
      ['gold', 'u1'],
    ],
    probe: async (w) => tierAndSubject(w.claims(await w.askGood())),
  },
  {
    field: 'set_claims',
    values: [{}, { tier: 'gold', sub: 'x' }],
    expect: [
      [undefined, 'u1'],
      ['gold', 'x'],
    ],
    probe: async (w) => tierAndSubject(w.claims(await w.askGood())),
  },
];
