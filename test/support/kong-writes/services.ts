/** Writes of services, as Kong's own tests expect them. */
import {
  JSON_TYPE,
  UUID,
  OTHER_UUID,
  NOT_FOUND,
  NOT_ALLOWED,
  NO_JSON,
  violation,
  taken,
  inEveryForm,
  type Story,
} from './story.ts';

export const SERVICES: readonly Story[] = [
  {
    title: 'services: defaults, and url in every form',
    calls: [
      ...inEveryForm(
        () => ({
          ask: 'POST /services',
          status: 201,
          shows: {
            name: null,
            protocol: 'https',
            host: 'service.test',
            port: 443,
            path: '/',
            retries: 5,
            connect_timeout: 60_000,
            write_timeout: 60_000,
            read_timeout: 60_000,
            enabled: true,
            tags: null,
            tls_verify: null,
            ca_certificates: null,
            client_certificate: null,
          },
        }),
        [['url', 'https://service.test/']],
      ),
      { ask: 'POST /services', json: { url: '' }, status: 400 },
      { ask: 'POST /services', json: { url: ' ' }, status: 400 },
      { ask: 'POST /services', form: [['url', '']], status: 400 },
    ],
  },
  {
    title: 'services: what is wrong with a body',
    calls: [
      {
        ask: 'POST /services',
        json: {},
        status: 400,
        is: violation('host: required field missing', { host: 'required field missing' }),
      },
      {
        ask: 'POST /services',
        json: { port: '80' },
        status: 400,
        is: {
          code: 2,
          name: 'schema violation',
          message: '2 schema violations (host: required field missing; port: expected an integer)',
          fields: { host: 'required field missing', port: 'expected an integer' },
        },
      },
      { ask: 'POST /services', raw: '{"host": ', type: JSON_TYPE, status: 400, is: NO_JSON },
      { ask: 'POST /services', raw: 'host', type: 'text/plain', status: 415 },
      { ask: 'DELETE /services', status: 405, is: NOT_ALLOWED },
      { ask: 'PATCH /services', json: {}, status: 405, is: NOT_ALLOWED },
    ],
  },
  {
    title: 'services: found, replaced, changed and removed by id and by name',
    calls: [
      {
        ask: 'POST /services',
        json: { name: 'by-both', host: 'a.test', retries: 2, tags: ['t'] },
        status: 201,
        as: 's',
      },
      {
        ask: 'PATCH /services/by-both',
        form: [
          ['path', '/v1'],
          ['port', '8080'],
        ],
        status: 200,
        shows: { id: '{s}', path: '/v1', port: 8080, retries: 2, tags: ['t'] },
      },
      {
        ask: 'PATCH /services/{s}',
        json: { tags: null, retries: null },
        status: 200,
        shows: { tags: null, retries: 5, path: '/v1' },
      },
      {
        ask: 'PATCH /services/{s}',
        json: { url: 'https://b.test' },
        status: 200,
        shows: { protocol: 'https', host: 'b.test', port: 443, path: null },
      },
      { ask: 'PATCH /services/{s}', json: {}, status: 200, shows: { host: 'b.test' } },
      {
        ask: 'PUT /services/by-both',
        json: { host: 'c.test', name: 'the-path-wins' },
        status: 200,
        shows: { id: '{s}', name: 'by-both', host: 'c.test', protocol: 'http', port: 80 },
      },
      {
        ask: 'PUT /services/{s}',
        json: { host: 'd.test' },
        status: 200,
        shows: { id: '{s}', name: null, host: 'd.test' },
      },
      { ask: `PUT /services/${UUID}`, json: { host: 'e.test' }, status: 200, shows: { id: UUID } },
      {
        ask: 'PUT /services/new-by-name',
        json: { host: 'f.test' },
        status: 200,
        shows: { name: 'new-by-name' },
      },
      {
        ask: `PATCH /services/${OTHER_UUID}`,
        json: { port: 1 },
        status: 404,
        shows: {
          code: 6,
          name: 'not found',
          message: `could not find the entity with primary key '{id="${OTHER_UUID}"}'`,
        },
      },
      {
        ask: 'PATCH /services/nowhere',
        json: { port: 1 },
        status: 404,
        shows: { code: 6, message: `could not find the entity with '{name="nowhere"}'` },
      },
      { ask: 'DELETE /services/{s}', status: 204 },
      { ask: 'DELETE /services/{s}', status: 204 },
      { ask: 'DELETE /services/new-by-name', status: 204 },
      { ask: 'DELETE /services/nowhere', status: 204 },
      { ask: 'GET /services/{s}', status: 404, is: NOT_FOUND },
      { ask: `DELETE /services/${UUID}`, status: 204 },
    ],
  },
  {
    title: 'services: a name or an id that is taken',
    calls: [
      { ask: 'POST /services', json: { name: 'taken', host: 'a.test' }, status: 201, as: 's' },
      {
        ask: 'POST /services',
        json: { name: 'taken', host: 'b.test' },
        status: 409,
        is: taken('name="taken"', { name: 'taken' }),
      },
      {
        ask: `PUT /services/${UUID}`,
        json: { name: 'taken', host: 'b.test' },
        status: 409,
        is: taken('name="taken"', { name: 'taken' }),
      },
      {
        ask: 'POST /services',
        json: { id: '{s}', host: 'b.test' },
        status: 400,
        shows: { code: 3, name: 'primary key violation', fields: { id: '{s}' } },
      },
      { ask: 'DELETE /services/{s}', status: 204 },
    ],
  },
  {
    title: 'services: one with routes stays',
    calls: [
      { ask: 'POST /services', json: { name: 'kept', host: 'a.test' }, status: 201, as: 's' },
      { ask: 'POST /services/kept/routes', json: { paths: ['/kept'] }, status: 201, as: 'r' },
      {
        ask: 'DELETE /services/kept',
        status: 400,
        is: {
          code: 4,
          name: 'foreign key violation',
          message: "an existing 'routes' entity references this 'services' entity",
          fields: { '@referenced_by': 'routes' },
        },
      },
      { ask: 'DELETE /services/{s}', status: 400, shows: { code: 4 } },
      { ask: 'DELETE /services/kept/routes/{r}', status: 204 },
      { ask: 'DELETE /services/kept', status: 204 },
    ],
  },
];
