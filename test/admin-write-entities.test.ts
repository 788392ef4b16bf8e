/** Writes of services, routes, plugins, consumers and credentials: Kong's answers, and a file that says the same after a restart. */
import { form, testStories, type Story } from './support/admin-stories.ts';

const ID = '7a4f1c7e-58d0-4a5b-9d3e-0c0ffee00001';

const STORIES: readonly Story[] = [
  {
    name: 'services',
    lists: ['/services'],
    steps: [
      { call: ['POST', '/services', {}], status: 400, has: { code: 2 } },
      {
        call: ['POST', '/services', { name: 'a', url: 'http://a.test/x', tags: ['t'] }],
        status: 201,
        has: { port: 80, path: '/x' },
      },
      {
        call: ['POST', '/services', { name: 'a', host: 'b' }],
        status: 409,
        has: { code: 5, fields: { name: 'a' } },
      },
      {
        call: ['PATCH', '/services/a', { path: '/y' }],
        status: 200,
        has: { path: '/y', host: 'a.test' },
      },
      {
        call: ['PATCH', '/services/a', { url: 'https://c.test' }],
        status: 200,
        has: { path: null, host: 'c.test', port: 443 },
      },
      {
        call: ['PATCH', '/services/a', form('tags=&retries=3')],
        status: 200,
        has: { tags: null, retries: 3 },
      },
      { call: ['PATCH', '/services/a', { retries: null }], status: 200, has: { retries: 5 } },
      {
        call: ['PUT', '/services/a', { host: 'd' }],
        status: 200,
        has: { protocol: 'http', host: 'd', port: 80, name: 'a' },
      },
      {
        call: ['PUT', `/services/${ID}`, { name: 'b', host: 'd' }],
        status: 200,
        has: { id: ID, name: 'b' },
      },
      { call: ['POST', '/services', { id: ID, host: 'e' }], status: 400, has: { code: 3 } },
      { call: ['PATCH', '/services/none', { host: 'e' }], status: 404, has: { code: 6 } },
      { call: ['DELETE', '/services/none'], status: 204 },
      { call: ['DELETE', '/services/b'], status: 204 },
      { call: ['GET', `/services/${ID}`], status: 404 },
    ],
  },
  {
    name: 'routes below and beside services',
    lists: ['/services', '/routes'],
    steps: [
      { call: ['POST', '/services', { name: 'a', host: 'a' }], status: 201 },
      { call: ['POST', '/services', { name: 'b', host: 'b' }], status: 201 },
      {
        call: ['POST', '/routes', { name: 'r', paths: ['/r'], service: { name: 'a' } }],
        status: 201,
      },
      {
        call: [
          'POST',
          '/services/a/routes',
          form('name=q&paths[]=/q&methods[]=GET&headers.x-tier=gold'),
        ],
        status: 201,
        has: { methods: ['GET'], headers: { 'x-tier': ['gold'] } },
      },
      {
        call: ['POST', '/routes', { paths: ['/x'], service: { id: ID } }],
        status: 400,
        has: { code: 4 },
      },
      {
        call: ['POST', '/routes', { paths: ['/x'], service: { name: 'none' } }],
        status: 400,
        has: { code: 13 },
      },
      {
        call: ['DELETE', '/services/a'],
        status: 400,
        has: { code: 4, fields: { '@referenced_by': 'routes' } },
      },
      { call: ['PATCH', '/routes/r', { service: { name: 'b' } }], status: 200 },
      { call: ['GET', '/services/b/routes/r'], status: 200 },
      { call: ['PATCH', '/routes/r', { name: 'renamed' }], status: 200 },
      {
        call: ['PATCH', '/routes/renamed', { service: null }],
        status: 200,
        has: { service: null },
      },
      {
        call: ['PUT', '/routes/renamed/service', { name: 'c', host: 'c' }],
        status: 200,
        has: { name: 'c' },
      },
      { call: ['GET', '/services/c/routes/renamed'], status: 200 },
      {
        call: ['PATCH', '/routes/renamed/service', { retries: 1 }],
        status: 200,
        has: { retries: 1 },
      },
      { call: ['DELETE', '/routes/renamed/service'], status: 405 },
      { call: ['DELETE', '/services/b/routes/renamed'], status: 404 },
      { call: ['DELETE', '/services/c/routes/renamed'], status: 204 },
      {
        call: ['PUT', '/services/b/routes/q', { paths: ['/moved'] }],
        status: 200,
        has: { paths: ['/moved'], methods: null },
      },
      { call: ['GET', '/services/b/routes/q'], status: 200 },
    ],
  },
  {
    name: 'plugins of every scope',
    lists: ['/plugins', '/consumers', '/routes'],
    steps: [
      { call: ['POST', '/plugins', { name: 'jwt' }], status: 201 },
      {
        call: ['POST', '/plugins', { name: 'jwt' }],
        status: 409,
        has: { code: 5, fields: { consumer: null, name: 'jwt', route: null, service: null } },
      },
      { call: ['POST', '/plugins', { name: 'nope' }], status: 400 },
      { call: ['POST', '/services', { name: 'a', host: 'a' }], status: 201 },
      { call: ['POST', '/services/a/routes', { name: 'r', paths: ['/r'] }], status: 201 },
      { call: ['POST', '/consumers', { username: 'ann' }], status: 201 },
      {
        call: [
          'POST',
          '/routes/r/plugins',
          form('name=rate-limiting&config.minute=5&config.policy=local&enabled=true'),
        ],
        status: 201,
      },
      {
        call: [
          'POST',
          '/plugins',
          {
            name: 'rate-limiting',
            instance_name: 'both',
            route: { name: 'r' },
            consumer: { username: 'ann' },
            config: { minute: 9 },
          },
        ],
        status: 201,
      },
      {
        call: ['POST', '/services/a/plugins', { name: 'cors', protocols: ['grpc'] }],
        status: 400,
        has: { code: 2 },
      },
      { call: ['PATCH', '/plugins/both', { config: { hour: 10 } }], status: 200 },
      {
        call: ['PATCH', '/plugins/both', { consumer: null, route: null }],
        status: 200,
        has: { route: null, consumer: null },
      },
      {
        call: [
          'PUT',
          `/plugins/${ID}`,
          {
            name: 'key-auth',
            service: { name: 'a' },
            created_at: 1600000000,
            config: { key_names: ['k'] },
          },
        ],
        status: 200,
        has: { id: ID, created_at: 1600000000 },
      },
      {
        call: ['PATCH', `/plugins/${ID}`, form('config.key_names[]=x&config.key_names[]=y')],
        status: 200,
      },
      { call: ['DELETE', '/routes/r'], status: 204 },
      { call: ['DELETE', '/plugins/both'], status: 204 },
    ],
  },
  {
    name: 'consumers and all their credentials',
    lists: ['/consumers', '/jwts', '/key-auths', '/basic-auths', '/hmac-auths', '/acls'],
    steps: [
      { call: ['POST', '/consumers', {}], status: 400, has: { code: 2 } },
      { call: ['POST', '/consumers', { username: 'ann', custom_id: '42' }], status: 201 },
      { call: ['POST', '/consumers', { username: 'bob', custom_id: '42' }], status: 409 },
      { call: ['POST', '/consumers', { custom_id: 'only' }], status: 201, has: { username: null } },
      {
        call: ['POST', '/consumers/ann/jwt', { key: 'k1' }],
        status: 201,
        has: { key: 'k1', algorithm: 'HS256' },
      },
      { call: ['POST', '/consumers/ann/jwt', { key: 'k1' }], status: 409 },
      { call: ['POST', '/consumers/ann/jwt', { algorithm: 'RS256' }], status: 400 },
      {
        call: ['PATCH', '/jwts/k1', { secret: 's2' }],
        status: 200,
        has: { secret: 's2', key: 'k1' },
      },
      { call: ['PUT', '/consumers/ann/jwt/k1', {}], status: 200, has: { key: 'k1' } },
      { call: ['POST', '/consumers/ann/key-auth'], status: 201 },
      {
        call: ['POST', '/key-auths', { key: 'kk', consumer: { username: 'ann' } }],
        status: 201,
        has: { key: 'kk' },
      },
      { call: ['PUT', '/consumers/ann/key-auth/new-key'], status: 200, has: { key: 'new-key' } },
      {
        call: ['POST', '/consumers/ann/basic-auth', form('username=ann&password=secret')],
        status: 201,
      },
      {
        call: ['PATCH', '/basic-auths/ann', { username: 'anna' }],
        status: 200,
        has: { username: 'anna' },
      },
      { call: ['POST', '/consumers/ann/hmac-auth', { username: 'h' }], status: 201 },
      { call: ['POST', '/consumers/ann/acls', { group: 'staff' }], status: 201 },
      { call: ['POST', '/consumers/ann/acls', { group: 'staff' }], status: 409 },
      { call: ['PUT', '/consumers/ann/acls/admins'], status: 200, has: { group: 'admins' } },
      { call: ['DELETE', '/consumers/ann/acls/staff'], status: 204 },
      { call: ['DELETE', '/consumers/ann/acls/staff'], status: 404 },
      { call: ['PATCH', '/consumers/ann', { username: 'anne' }], status: 200 },
      { call: ['GET', '/consumers/anne/jwt/k1'], status: 200 },
      { call: ['DELETE', '/consumers/anne/jwt/k1'], status: 204 },
      { call: ['POST', '/consumers', { username: 'gone' }], status: 201 },
      { call: ['POST', '/consumers/gone/jwt', { key: 'gone' }], status: 201 },
      { call: ['DELETE', '/consumers/gone'], status: 204 },
      { call: ['GET', '/jwts/gone'], status: 404 },
    ],
  },
];

testStories(STORIES);
