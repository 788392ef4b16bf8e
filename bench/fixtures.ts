/** The config and the tokens of the benchmarks. Keys are made for the run. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';

export type TokenKind = 'none' | 'hs256-repeated' | 'rs256-repeated' | 'hs256-new' | 'rs256-new';

const hmacSecret = randomBytes(32).toString('hex');
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** What verifies the tokens: the secret's text, and PEM. */
export const verificationKeys = { hs256: hmacSecret, rs256: rsa.publicKey } as const;

/** The keys of the tokens as a JWK set. */
export const jwkSet = (): string =>
  JSON.stringify({
    keys: [{ ...createPublicKey(rsa.publicKey).export({ format: 'jwk' }), alg: 'RS256' }],
  });

/** Microseconds of CPU that one RS256 signature takes here. */
export function signatureUs(): number {
  const count = 400;
  const key = createPrivateKey(rsa.privateKey);
  const input = Buffer.alloc(300, 1);
  for (let i = 0; i < 50; i++) sign('sha256', input, key);
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) sign('sha256', input, key);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** One service, a plain route, one with the jwt plugin, one with jwt-signer, a consumer with both kinds of credentials. */
export function kongYaml(originUrl: string): string {
  return `_format_version: "3.0"
services:
  - name: origin
    url: ${originUrl}
    routes:
      - name: plain
        paths: [/plain]
      - name: guarded
        paths: [/jwt]
        plugins:
          - name: jwt
            config:
              claims_to_verify: [exp]
      - name: signed
        paths: [/signed]
        plugins:
          - name: jwt-signer
            config:
              access_token_jwks_uri: ${originUrl}/jwks
              channel_token_optional: true
consumers:
  - username: bench
    jwt_secrets:
      - key: bench-hs256
        secret: ${hmacSecret}
      - key: bench-rs256
        algorithm: RS256
        rsa_public_key: ${JSON.stringify(rsa.publicKey)}
`;
}

/** Whom the ten plugins let pass. */
export const TEN_PLUGINS_HEAD = 'apikey: bench-key\r\nOrigin: https://bench.test\r\n';

/** One route with ten plugins of those that most routes of a Kong have. */
export const tenPluginsYaml = (originUrl: string): string => `_format_version: "3.0"
services:
  - name: origin
    url: ${originUrl}
    routes:
      - name: ten
        paths: [/ten]
        plugins:
          - name: key-auth
          - { name: acl, config: { allow: [bench, staff] } }
          - { name: rate-limiting, config: { minute: 100000000, policy: local } }
          - { name: cors, config: { origins: ['https://bench.test'], credentials: true } }
          - { name: request-transformer, config: { add: { headers: ['X-Added:yes'] } } }
          - { name: response-transformer, config: { add: { headers: ['X-Answered:yes'] } } }
          - { name: correlation-id, config: { header_name: X-Correlation-ID, echo_downstream: true } }
          - { name: request-size-limiting, config: { allowed_payload_size: 8 } }
          - { name: ip-restriction, config: { allow: [127.0.0.0/8, 10.0.0.0/8] } }
          - { name: prometheus, config: { status_code_metrics: true, latency_metrics: true, bandwidth_metrics: true } }
consumers:
  - username: bench
    keyauth_credentials: [{ key: bench-key }]
    acls: [{ group: bench }]
`;

/** The tokens of `count` requests: none, one for all, or one for each. */
export function makeTokens(kind: TokenKind, count: number): readonly string[] {
  if (kind === 'none') return [];
  const alg = kind.startsWith('hs') ? 'HS256' : 'RS256';
  const different = kind.endsWith('-new') ? count : 1;
  return Array.from({ length: different }, () => makeToken(alg));
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function makeToken(alg: 'HS256' | 'RS256'): string {
  const claims = {
    iss: `bench-${alg.toLowerCase()}`,
    sub: 'somebody',
    jti: randomBytes(8).toString('hex'),
    exp: Math.floor(Date.now() / 1000) + 3600,
  };
  const input = `${encode({ alg, typ: 'JWT' })}.${encode(claims)}`;
  const signature =
    alg === 'HS256'
      ? createHmac('sha256', hmacSecret).update(input).digest()
      : sign('sha256', Buffer.from(input), rsa.privateKey);
  return `${input}.${signature.toString('base64url')}`;
}
