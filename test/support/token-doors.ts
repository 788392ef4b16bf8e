/** Every door of the gateway that takes signed tokens, with the same keys behind all of them. */
import { createPublicKey } from 'node:crypto';
import { applyPluginDefaults } from '../../src/config/defaults.ts';
import type { JwtSecret, JwtSignerConfig } from '../../src/config/schema-types.ts';
import type { Key } from '../../src/config/types.ts';
import { FakeContext, fakeBuild } from '../../src/gateway/fake-context.test.fixture.ts';
import { createKeyServices } from '../../src/keys/client.ts';
import { connectNowhere } from '../../src/keys/link.ts';
import type { PluginPhases } from '../../src/plugin.ts';
import { jwt } from '../../src/plugins/jwt/index.ts';
import { alice, jwtSecret } from '../../src/plugins/jwt/tokens.test.fixture.ts';
import { jwtSigner } from '../../src/plugins/jwt-signer/index.ts';
import type { SourceKeys } from '../../src/services.ts';
import { readJwkSet } from '../../src/tokens/jwk-set.ts';
import { freshKey, testKey, type TestKey } from '../../src/tokens/keys.test.fixture.ts';
import { configOf } from './jwt-issuers.ts';

export interface Door {
  readonly name: string;
  /** What becomes of a request with the token in its Authorization header; empty: without one. */
  ask(token: string, query?: string): Promise<'passed' | number>;
}

const NOW = 1_800_000_000;
export const CLAIMS = { iss: 'idp', sub: 'u1', aud: 'api', exp: NOW + 300 } as const;
export const OTHER_ISSUER = 'other-idp';

/** Keys of `idp`. */
export const RS = testKey('RS256', 'rs');
export const ES = testKey('ES256', 'es');
export const ED = testKey('EdDSA', 'ed');
/** A secret: of a credential, and in the set for the door that takes HMAC. */
export const HS = testKey('HS256', 'hs');
/** The key of another issuer that is trusted too. */
export const OTHER = freshKey('other');
/** A key that nobody trusts. */
export const ATTACKER = freshKey('attacker');

export const b64 = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64url');

/** The first two parts of a token. */
export const raw = (header: object, claims: object): string =>
  `${b64(JSON.stringify(header))}.${b64(JSON.stringify(claims))}`;

function doorOf(name: string, { access }: PluginPhases): Door {
  return {
    name,
    async ask(token, query = '') {
      const headers = token === '' ? [] : ['Authorization', `Bearer ${token}`];
      const ctx = new FakeContext({ headers, target: `/orders${query}` });
      const answer = await access?.(ctx);
      if (answer === undefined) return 'passed';
      if (ctx.consumer !== undefined) throw new Error(`${name}: refused, with a consumer`);
      return answer.status;
    },
  };
}

const pemOf = ({ privateKey }: TestKey): string =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
const secrets: readonly JwtSecret[] = [
  jwtSecret('rs', { algorithm: 'RS256', rsa_public_key: pemOf(RS) }),
  jwtSecret('es', { algorithm: 'ES256', rsa_public_key: pemOf(ES) }),
  jwtSecret('ed', { algorithm: 'EdDSA', rsa_public_key: pemOf(ED) }),
  jwtSecret('hs', { secret: HS.privateKey.export().toString() }),
];

const declared = (key: TestKey): Key => ({
  id: key.kid,
  set: { id: 'set' },
  name: null,
  kid: key.kid,
  jwk: JSON.stringify(key.publicJwk),
  pem: null,
  created_at: 0,
  updated_at: 0,
  tags: null,
});
const keySets = new Map([
  ['idp', [RS, ES, ED].map(declared)],
  [OTHER_ISSUER, [declared(OTHER)]],
]);

const clock = (): number => NOW * 1000;
const demands = { audiences: ['api'], claims_to_verify: ['exp'] };

function credentialDoor(): Door {
  const build = fakeBuild({ consumers: [alice], jwtSecrets: secrets }, clock);
  return doorOf(
    'jwt, credentials',
    jwt.compile(configOf({ key_claim_name: 'kid', ...demands }), build),
  );
}

function issuerDoor(): Door {
  const { keySources } = createKeyServices(connectNowhere);
  const build = fakeBuild({ keySets }, clock, { keySources });
  const issuers = ['idp', OTHER_ISSUER].map((issuer) => ({ issuer, key_set: issuer }));
  return doorOf('jwt, issuers', jwt.compile(configOf({ issuers, ...demands }), build));
}

const isSignerConfig = (value: unknown): value is JwtSignerConfig =>
  typeof value === 'object' && value !== null && 'access_token_keyset' in value;

function signerDoor(name: string, fields: object, keys: readonly TestKey[]): Door {
  const set = readJwkSet({ keys: keys.map(({ publicJwk }) => publicJwk) });
  if (!('keys' in set)) throw new Error('no keys');
  const now: SourceKeys = { keys: set.keys, previous: [], version: 1, issuer: undefined };
  const same = (): Promise<SourceKeys> => Promise.resolve(now);
  const config: unknown = applyPluginDefaults('jwt-signer', {
    access_token_jwks_uri: 'https://idp.test/jwks',
    access_token_issuers_allowed: ['idp'],
    access_token_audiences_allowed: ['api'],
    access_token_signing: false,
    channel_token_optional: true,
    ...fields,
  });
  if (!isSignerConfig(config)) throw new Error('no config');
  const source = { name: 'idp', current: () => now, load: same, refresh: same, close() {} };
  const build = fakeBuild({}, clock, { keySources: { open: () => source } });
  return doorOf(name, jwtSigner.compile(config, build));
}

export const CREDENTIAL = credentialDoor();
export const ISSUER = issuerDoor();
export const SIGNER = signerDoor('jwt-signer', {}, [RS, ES, ED]);
export const SIGNER_HS = signerDoor('jwt-signer, HMAC taken', { enable_hs_signatures: true }, [
  RS,
  ES,
  ED,
  HS,
]);
export const doors: readonly Door[] = [CREDENTIAL, ISSUER, SIGNER, SIGNER_HS];
