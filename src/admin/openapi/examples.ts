/** An entity of each kind as a client may send it. Tests send them as they stand. */
import type { EntityKind } from '../../config/types.ts';

const ANN = { consumer: { username: 'ann' } };

/** References name the entities of the other examples; certificates are too long to be shown. */
export const ENTITY_EXAMPLES: Readonly<Partial<Record<EntityKind, object>>> = {
  services: { name: 'orders', url: 'http://orders.internal:8080/v1', tags: ['team-orders'] },
  routes: { name: 'orders', paths: ['/orders'], service: { name: 'orders' } },
  consumers: { username: 'ann', custom_id: 'crm-42' },
  consumer_groups: { name: 'gold' },
  plugins: { name: 'jwt', service: { name: 'orders' }, config: { claims_to_verify: ['exp'] } },
  upstreams: { name: 'orders-pool', algorithm: 'least-connections' },
  targets: { target: '10.0.0.7:8080', weight: 100, upstream: { name: 'orders-pool' } },
  vaults: { prefix: 'team', name: 'env', config: { prefix: 'TEAM_' } },
  key_sets: { name: 'partners' },
  keys: {
    name: 'partner',
    kid: 'partner-1',
    set: { name: 'partners' },
    jwk: '{"kty":"oct","kid":"partner-1","k":"c2VjcmV0"}',
  },
  jwt_secrets: { ...ANN, key: 'ann-issuer', algorithm: 'HS256' },
  keyauth_credentials: { ...ANN, tags: ['mobile'] },
  basicauth_credentials: { ...ANN, username: 'ann', password: 'correct horse battery staple' },
  hmacauth_credentials: { ...ANN, username: 'ann' },
  acls: { ...ANN, group: 'admins' },
};
