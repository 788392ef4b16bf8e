/** A real identity provider, `oidc-provider`: JWT and opaque access tokens, introspection with client credentials. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { Provider } from 'oidc-provider';
import { privateJwk, rsaKey } from './tokens.ts';

export interface IdentityProvider {
  readonly url: string;
  /** An access token of the client credentials grant: a JWT for a resource, opaque without one. */
  token(form: { readonly resource?: string; readonly scope?: string }): Promise<string>;
}

const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

const client = (id: string) => ({
  client_id: id,
  client_secret: `${id}-secret`,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});

/** Starts it on a free port; it ends with the test. The client `gateway` may introspect. */
export async function startIdentityProvider(t: TestContext): Promise<IdentityProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const url = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(url, {
    clients: [client('app'), client('gateway')],
    jwks: { keys: [privateJwk(rsaKey('idp-1'))] },
    scopes: ['read', 'write', 'orders:read'],
    ttl: { ClientCredentials: 300 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, caller) => caller.clientId === 'gateway',
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: 'read write orders:read',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  const listener = provider.callback();
  server.on('request', (req, res) => void listener(req, res));
  return {
    url,
    async token(form) {
      const answer = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { authorization: basic('app', 'app-secret') },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
      });
      const body: unknown = await answer.json();
      assert.ok(
        typeof body === 'object' && body !== null && 'access_token' in body,
        JSON.stringify(body),
      );
      return String(body.access_token);
    },
  };
}
