/** `silverback demo`: the packaged kong.yaml in front of the embedded upstream, with lines to paste. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { startEcho } from './echo.ts';

/** What kong.yaml and examples/jwt/kong.yaml say; the keys are public and for demonstration only. */
const HS256_KEY = 'Mt4RTRWJk9pfWJpgthP4sHhcqR4hFKzK';
const HS256_SECRET = 'J3NKsJgt79tcLRfLWwVMJvVnTFk7WskW';
const RS256_KEY = 'test-key';
const ECHO_PORT = 9080;
const TOKEN_LIFETIME = '12h';

/** The same path from `src/` and from `dist/`. */
const DECLARATIVE_FILE = new URL('../../kong.yaml', import.meta.url);
const PRIVATE_KEY_FILE = new URL('../../examples/jwt/keys/jwt-private.pem', import.meta.url);

export interface DemoOptions {
  /** Starts the gateway on a declarative file, watched; resolves when it listens. */
  readonly start: (overrides: { readonly declarativeConfig: string }) => Promise<DemoGateway>;
  readonly print: (text: string) => void;
  /** Instead of the packaged kong.yaml: one of `examples/`, or the user's own. */
  readonly file: string | undefined;
}

/** Where the started gateway answers, without a slash at the end. */
export interface DemoGateway {
  readonly proxyUrl: string;
  readonly adminUrl: string;
}

/**
 * Starts the embedded upstream and the gateway, then prints what to try. Resolves when all of it runs;
 * the upstream keeps no process alive. Rejects with the system's error when a port is taken.
 */
export async function runDemo({ start, print, file }: DemoOptions): Promise<void> {
  const echo = await startEcho({ host: '127.0.0.1', port: ECHO_PORT });
  echo.server.unref();
  const declarativeConfig = file ?? fileURLToPath(DECLARATIVE_FILE);
  const gateway = await start({ declarativeConfig });
  const tokens = await mintDemoTokens();
  const facts = { ...gateway, ...tokens, declarativeConfig };
  print(file === undefined ? guide(facts) : shortGuide(facts));
}

export interface DemoTokens {
  readonly hs256: string;
  readonly rs256: string;
}

/** One token for each of the consumer's two credentials, valid for twelve hours. */
export async function mintDemoTokens(): Promise<DemoTokens> {
  const privateKey = createPrivateKey(readFileSync(PRIVATE_KEY_FILE));
  return {
    hs256: await mint('HS256', HS256_KEY).sign(new TextEncoder().encode(HS256_SECRET)),
    rs256: await mint('RS256', RS256_KEY).sign(privateKey),
  };
}

function mint(alg: string, issuer: string): SignJWT {
  return new SignJWT({ sub: 'demo' })
    .setProtectedHeader({ alg, typ: 'JWT' })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(TOKEN_LIFETIME);
}

interface Guide extends DemoGateway, DemoTokens {
  readonly declarativeConfig: string;
}

function guide({ proxyUrl, adminUrl, hs256, rs256, declarativeConfig }: Guide): string {
  return `
Silverback is running.
  proxy   ${proxyUrl}
  admin   ${adminUrl}
  config  ${declarativeConfig}

Without a token: 401
  curl -i ${proxyUrl}/jwt

With a token, HS256 and RS256: 200, and the upstream sees who called
  curl -i ${proxyUrl}/jwt -H 'Authorization: Bearer ${hs256}'

  curl -i ${proxyUrl}/jwt -H 'Authorization: Bearer ${rs256}'

An API key: 401 without, 200 with
  curl -i ${proxyUrl}/key
  curl -i ${proxyUrl}/key -H 'apikey: demo-key'

A route that answers by itself: 503
  curl -i ${proxyUrl}/maintenance

What is loaded
  curl ${adminUrl}/routes
  curl ${adminUrl}/consumers/jwt-user/jwt

Now edit ${declarativeConfig} and save it: the change is live at once,
and a mistake leaves the running configuration as it is and says where the mistake stands.
Stop with Ctrl-C.
`;
}

/** For a file whose routes we do not know; the tokens fit the credentials of examples/jwt. */
function shortGuide({ proxyUrl, adminUrl, hs256, rs256, declarativeConfig }: Guide): string {
  return `
Silverback is running.
  proxy     ${proxyUrl}
  admin     ${adminUrl}
  upstream  http://127.0.0.1:${ECHO_PORT}/anything
  config    ${declarativeConfig}

Tokens of examples/jwt
  HS256  ${hs256}

  RS256  ${rs256}

Stop with Ctrl-C.
`;
}
