/**
 * Stands in for what the articles find on the internet: httpbin, Auth0, Keycloak and Curity.
 * `node internet.mjs [PORT]` prints its URL; 0 takes a free port.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const KEYS = new URL('../jwt/keys/', import.meta.url);
const AUTH0_KEY = createPrivateKey(readFileSync(new URL('auth0-private.pem', KEYS)));
const AUTH0_CERTIFICATE = readFileSync(new URL('auth0.pem', KEYS), 'utf8');
const KEYCLOAK = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEYCLOAK_JWK = { ...KEYCLOAK.publicKey.export({ format: 'jwk' }), kid: 'demo', alg: 'RS256' };
const CURITY_CLIENT = `Basic ${Buffer.from('admin:admin').toString('base64')}`;
const BODY_BYTES_MAX = 100_000;

/** Opaque tokens that Curity has issued. */
const issued = new Set();

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(claims, privateKey, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  const text = [
    part({ alg: 'RS256', typ: 'JWT', ...header }),
    part({ iat: now, exp: now + 300, ...claims }),
  ].join('.');
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

const bearer = (access_token) => ({ access_token, token_type: 'Bearer', expires_in: 300 });

function introspect({ authorization }, body) {
  if (authorization !== CURITY_CLIENT) return { status: 401, body: { error: 'invalid_client' } };
  const active = issued.has(new URLSearchParams(body).get('token'));
  return { body: active ? { active, sub: 'ann', scope: 'read', client_id: 'app' } : { active } };
}

function issueOpaque() {
  const opaque = randomBytes(24).toString('hex');
  issued.add(opaque);
  return { body: bearer(opaque) };
}

const ANSWERS = new Map([
  ['GET /pem', () => ({ text: AUTH0_CERTIFICATE })],
  [
    'POST /oauth/token',
    () => ({
      body: bearer(token({ iss: 'https://company.auth0.com/', sub: 'app' }, AUTH0_KEY)),
    }),
  ],
  [
    'GET /auth/realms/demo/protocol/openid-connect/certs',
    () => ({ body: { keys: [KEYCLOAK_JWK] } }),
  ],
  [
    'POST /auth/realms/demo/protocol/openid-connect/token',
    () => ({
      body: bearer(token({ iss: 'keycloak', sub: 'ann' }, KEYCLOAK.privateKey, { kid: 'demo' })),
    }),
  ],
  ['POST /oauth/v2/oauth-token', issueOpaque],
  ['POST /oauth/v2/oauth-introspect', ({ headers }, body) => introspect(headers, body)],
]);

/** httpbin's `/anything`: the request as it came. */
const anything = ({ method, url, headers }, data) => ({ body: { method, url, headers, data } });

async function readText(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_BYTES_MAX) throw new Error('the body is too long');
  }
  return text;
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://internet');
  const found = ANSWERS.get(`${request.method} ${pathname}`) ?? anything;
  const { status = 200, body, text } = found(request, await readText(request));
  response.writeHead(status, { 'Content-Type': text ? 'text/plain' : 'application/json' });
  response.end(text ?? `${JSON.stringify(body, null, 2)}\n`);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.on('error', ({ message }) => {
  console.error(message);
  process.exitCode = 1;
});
server.listen(Number(process.argv[2] ?? 9080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
