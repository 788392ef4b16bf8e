/** Writes of routes, as Kong's own tests expect them. */
import {
  UUID,
  NOBODY,
  NOT_FOUND,
  NOT_ALLOWED,
  violation,
  entityViolation,
  type Story,
} from './story.ts';

const NO_MATCHER = {
  protocols: ['https'],
};

export const ROUTES: readonly Story[] = [
  {
    title: 'routes: with a service by id, by name, and without one',
    calls: [
      { ask: 'POST /services', json: { name: 'owner', host: 'a.test' }, status: 201, as: 's' },
      {
        ask: 'POST /routes',
        json: { paths: ['/a'], service: { id: '{s}' } },
        status: 201,
        shows: {
          name: null,
          protocols: ['http', 'https'],
          strip_path: true,
          preserve_host: false,
          https_redirect_status_code: 426,
          path_handling: 'v0',
          methods: null,
          hosts: null,
          service: { id: '{s}' },
        },
        as: 'a',
      },
      {
        ask: 'POST /routes',
        json: { paths: ['/b'], service: { name: 'owner' } },
        status: 201,
        shows: { service: { id: '{s}' } },
        as: 'b',
      },
      {
        ask: 'POST /routes',
        form: [
          ['paths[]', '/c'],
          ['methods[]', 'GET'],
          ['methods[]', 'POST'],
          ['hosts', 'one.test'],
          ['headers.X-Tier', 'gold'],
          ['strip_path', 'false'],
          ['service.id', '{s}'],
        ],
        status: 201,
        shows: {
          paths: ['/c'],
          methods: ['GET', 'POST'],
          hosts: ['one.test'],
          headers: { 'X-Tier': ['gold'] },
          strip_path: false,
          service: { id: '{s}' },
        },
        as: 'c',
      },
      {
        ask: 'PATCH /routes/{a}',
        json: { service: null },
        status: 200,
        shows: { service: null, paths: ['/a'] },
      },
      { ask: 'GET /routes/{a}/service', status: 404, is: NOT_FOUND },
      { ask: 'GET /routes/{b}/service', status: 200, shows: { id: '{s}' } },
      ...['a', 'b', 'c'].map((name) => ({ ask: `DELETE /routes/{${name}}`, status: 204 })),
      { ask: 'DELETE /services/{s}', status: 204 },
    ],
  },
  {
    title: 'routes: what is wrong with a body',
    calls: [
      {
        ask: 'POST /routes',
        json: NO_MATCHER,
        status: 400,
        is: entityViolation(
          "must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https'",
        ),
      },
      {
        ask: 'POST /routes',
        json: { protocols: ['foo', 'http'], methods: ['GET'] },
        status: 400,
        is: violation(
          'protocols.1: expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp',
          {
            protocols: [
              'expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp',
            ],
          },
        ),
      },
      {
        ask: 'POST /routes',
        json: { paths: ['/'], service: { name: 'non-existing' } },
        status: 400,
        is: {
          code: 13,
          name: 'foreign keys unresolved',
          message: `foreign key unresolved (service.name: the foreign key cannot be resolved with '{name="non-existing"}' for an existing 'services' entity)`,
          fields: {
            service: {
              name: `the foreign key cannot be resolved with '{name="non-existing"}' for an existing 'services' entity`,
            },
          },
        },
      },
      {
        ask: 'POST /routes',
        json: { paths: ['/'], service: { id: NOBODY } },
        status: 400,
        is: {
          code: 4,
          name: 'foreign key violation',
          message: `the foreign key '{id="${NOBODY}"}' does not reference an existing 'services' entity.`,
          fields: { service: { id: NOBODY } },
        },
      },
      {
        ask: `PUT /routes/${UUID}`,
        json: { paths: ['/'], regex_priority: 'foobar' },
        status: 400,
        is: violation('regex_priority: expected an integer', {
          regex_priority: 'expected an integer',
        }),
      },
      { ask: `GET /routes/${UUID}`, status: 404, is: NOT_FOUND },
      { ask: 'POST /services/nowhere/routes', json: { paths: ['/'] }, status: 404, is: NOT_FOUND },
    ],
  },
  {
    title: 'routes: below a service, and the service of a route',
    calls: [
      { ask: 'POST /services', json: { name: 's-1', host: 'a.test' }, status: 201, as: 's' },
      { ask: 'POST /services', json: { name: 's-2', host: 'a.test' }, status: 201, as: 'other' },
      {
        ask: 'POST /services/s-1/routes',
        json: { name: 'r-1', paths: ['/r'], service: { id: '{other}' } },
        status: 201,
        shows: { service: { id: '{s}' } },
        as: 'r',
      },
      { ask: 'GET /services/s-2/routes/r-1', status: 404, is: NOT_FOUND },
      {
        ask: 'PATCH /services/s-1/routes/r-1',
        json: { preserve_host: true },
        status: 200,
        shows: { preserve_host: true },
      },
      {
        ask: 'PUT /services/s-1/routes/r-1',
        json: { hosts: ['h.test'] },
        status: 200,
        shows: { id: '{r}', name: 'r-1', paths: null, hosts: ['h.test'], preserve_host: false },
      },
      { ask: 'DELETE /services/s-2/routes/r-1', status: 404 },
      {
        ask: 'PATCH /routes/r-1/service',
        json: { retries: 1 },
        status: 200,
        shows: { id: '{s}', retries: 1 },
      },
      {
        ask: 'PATCH /routes/r-1/service',
        json: { connect_timeout: 'foobar' },
        status: 400,
        is: violation('connect_timeout: expected an integer', {
          connect_timeout: 'expected an integer',
        }),
      },
      {
        ask: 'PUT /routes/r-1/service',
        json: { name: 's-1', host: 'z.test' },
        status: 200,
        shows: { id: '{s}', host: 'z.test', retries: 5 },
      },
      { ask: 'DELETE /routes/r-1/service', status: 405, is: NOT_ALLOWED },
      { ask: `DELETE /routes/${UUID}/service`, status: 404 },
      { ask: 'PATCH /routes/nowhere/service', json: { retries: 1 }, status: 404 },
      { ask: 'DELETE /routes/r-1', status: 204 },
      { ask: 'DELETE /services/s-1', status: 204 },
      { ask: 'DELETE /services/s-2', status: 204 },
    ],
  },
];
