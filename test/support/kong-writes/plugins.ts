/** Writes of plugins, as Kong's own tests expect them. */
import { NOBODY, NOT_FOUND, NOT_ALLOWED, violation, taken, type Story } from './story.ts';

export const PLUGINS: readonly Story[] = [
  {
    title: 'plugins: scopes, conflicts, and what is wrong with a body',
    calls: [
      {
        ask: 'POST /plugins',
        json: {},
        status: 400,
        is: violation('name: required field missing', { name: 'required field missing' }),
      },
      {
        ask: 'POST /plugins',
        json: { name: 'nope' },
        status: 400,
        is: violation(
          "name: plugin 'nope' not enabled; add it to the 'plugins' configuration property",
          { name: "plugin 'nope' not enabled; add it to the 'plugins' configuration property" },
        ),
      },
      {
        ask: 'POST /plugins',
        json: { name: 'jwt', config: { x: 1 } },
        status: 400,
        is: violation('config.x: unknown field', { config: { x: 'unknown field' } }),
      },
      { ask: 'POST /consumers', json: { username: 'pat' }, status: 201, as: 'pat' },
      {
        ask: 'POST /consumers/pat/plugins',
        json: { name: 'jwt' },
        status: 400,
        is: violation('consumer: value must be null', { consumer: 'value must be null' }),
      },
      {
        ask: 'POST /consumers/pat/plugins',
        form: [
          ['name', 'rate-limiting'],
          ['config.minute', '5'],
          ['config.policy', 'local'],
        ],
        status: 201,
        shows: { name: 'rate-limiting', config: { minute: 5 }, consumer: { id: '{pat}' } },
        as: 'limit',
      },
      {
        ask: 'POST /consumers/pat/plugins',
        json: { name: 'rate-limiting', config: { minute: 9, policy: 'local' } },
        status: 409,
        is: taken('consumer={id="{pat}"},name="rate-limiting",route=null,service=null', {
          name: 'rate-limiting',
          consumer: { id: '{pat}' },
          route: null,
          service: null,
        }),
      },
      { ask: 'DELETE /consumers/pat', status: 204 },
      { ask: 'GET /plugins/{limit}', status: 404, is: NOT_FOUND },
      { ask: 'DELETE /plugins', status: 405, is: NOT_ALLOWED },
      { ask: 'PATCH /plugins', json: {}, status: 405, is: NOT_ALLOWED },
    ],
  },
  {
    title: 'plugins: PUT and PATCH by id and by instance_name',
    calls: [
      {
        ask: 'POST /services',
        json: { name: 'with-plugins', host: 'a.test' },
        status: 201,
        as: 's',
      },
      {
        ask: 'PUT /plugins/my-auth',
        json: { name: 'key-auth', service: { id: '{s}' }, config: { key_names: ['testkey'] } },
        status: 200,
        shows: { instance_name: 'my-auth', config: { key_names: ['testkey'] } },
        as: 'p',
      },
      {
        ask: 'PUT /plugins/my-auth',
        json: { name: 'key-auth', service: { id: '{s}' }, config: { key_names: ['testkey2'] } },
        status: 200,
        shows: { id: '{p}', config: { key_names: ['testkey2'] } },
      },
      {
        ask: 'PATCH /plugins/{p}',
        json: { config: { hide_credentials: true } },
        status: 200,
        shows: { config: { key_names: ['testkey2'], hide_credentials: true } },
      },
      {
        ask: 'PATCH /plugins/my-auth',
        json: { enabled: false },
        status: 200,
        shows: { id: '{p}', enabled: false },
      },
      {
        ask: 'PATCH /plugins/{p}',
        json: { foo: 'bar' },
        status: 400,
        is: violation('foo: unknown field', { foo: 'unknown field' }),
      },
      {
        ask: 'PATCH /plugins/{p}',
        json: { config: 'bar' },
        status: 400,
        is: violation('config: expected a record', { config: 'expected a record' }),
      },
      { ask: 'PATCH /plugins/{p}', json: { service: null }, status: 200, shows: { service: null } },
      { ask: 'PATCH /plugins/{p}', json: { tags: null }, status: 200, shows: { tags: null } },
      { ask: `PATCH /plugins/${NOBODY}`, json: { enabled: false }, status: 404 },
      { ask: 'DELETE /plugins/my-auth', status: 204 },
      { ask: 'GET /plugins/my-auth', status: 404, is: NOT_FOUND },
      { ask: `DELETE /plugins/${NOBODY}`, status: 204 },
      { ask: 'DELETE /services/with-plugins', status: 204 },
    ],
  },
  {
    title: 'plugins: those of a service and of a route go with it',
    calls: [
      { ask: 'POST /services', json: { name: 'gone', host: 'a.test' }, status: 201, as: 's' },
      { ask: 'POST /services/gone/plugins', json: { name: 'cors' }, status: 201, as: 'c' },
      { ask: 'POST /routes', json: { name: 'gone-r', paths: ['/gone'] }, status: 201 },
      { ask: 'POST /routes/gone-r/plugins', form: [['name', 'jwt']], status: 201, as: 'j' },
      { ask: 'DELETE /services/gone', status: 204 },
      { ask: 'DELETE /routes/gone-r', status: 204 },
      { ask: 'GET /plugins/{c}', status: 404, is: NOT_FOUND },
      { ask: 'GET /plugins/{j}', status: 404, is: NOT_FOUND },
    ],
  },
];
