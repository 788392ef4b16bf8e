/** A config with a bit of everything, and tokens of its consumer: what explanations are tested with. */
import { createHmac } from 'node:crypto';

export const SECRET = 'a-secret-of-alice-that-nobody-is-to-see';

export const KONG = `_format_version: '3.0'
services:
  - name: orders
    url: http://orders.internal:8080/v1
    plugins:
      - name: rate-limiting
        config: { minute: 1, policy: redis, redis: { host: redis.test, password: hunter2 } }
    routes:
      - name: orders
        hosts: [api.example.com]
        paths: [/orders]
        plugins:
          - name: jwt
          - name: request-transformer
            config:
              add: { headers: ['X-Added:yes', 'X-Api-Key:k-123456'] }
      - name: everything
        paths: [/]
      - name: writes
        hosts: [api.example.com]
        methods: [POST, PUT]
        paths: [/orders/]
      - name: secure
        hosts: [api.example.com]
        paths: [/secure]
        protocols: [https]
      - name: signed-out
        paths: [/idp]
        plugins:
          - name: jwt
            config: { issuers: [{ issuer: 'https://idp.test', jwks_uri: 'https://idp.test/keys' }] }
      - name: limited
        hosts: [limited.test]
  - name: pool
    host: pool.up
    routes:
      - name: numbered
        paths: ['~/p/(?<n>\\d+)$']
        preserve_host: true
      - name: longer
        paths: ['~/p/\\d+/x']
        strip_path: false
  - name: nobody
    url: http://nobody.internal
    enabled: false
    routes: [{ name: switched-off, paths: [/off] }]
routes:
  - name: serviceless
    paths: [/none]
upstreams:
  - name: pool.up
    hash_on: ip
    algorithm: consistent-hashing
    targets: [{ target: '10.0.0.1:81' }, { target: 'b.internal:82', weight: 5 }]
plugins:
  - name: jwt
    route: everything
    enabled: false
  - name: cors
    config: { origins: ['https://app.example.com'] }
  - name: correlation-id
    config: { echo_downstream: true }
  - name: http-log
    config: { http_endpoint: 'http://log.test/' }
consumers:
  - username: alice
    jwt_secrets: [{ key: alice-key, secret: ${SECRET} }]
    plugins: [{ name: rate-limiting, config: { minute: 99 } }]
`;

export const b64 = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

/** HS256, with the secret of alice unless told otherwise. */
export function tokenOf(key: string, secret = SECRET): string {
  const input = `${b64({ alg: 'HS256', typ: 'JWT' })}.${b64({ iss: key })}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
