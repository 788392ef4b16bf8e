/** Writes of upstreams and targets, as Kong's own tests expect them. */
import { NOT_FOUND, NOT_ALLOWED, violation, taken, type Story } from './story.ts';

export const UPSTREAMS: readonly Story[] = [
  {
    title: 'upstreams and targets',
    calls: [
      {
        ask: 'POST /upstreams',
        json: { name: 'no such host name' },
        status: 400,
        shows: { name: 'schema violation' },
      },
      {
        ask: 'POST /upstreams',
        json: { name: 'pool', slots: 9 },
        status: 400,
        is: violation('slots: value should be between 10 and 65536', {
          slots: 'value should be between 10 and 65536',
        }),
      },
      {
        ask: 'POST /upstreams',
        form: [
          ['name', 'pool'],
          ['slots', '10'],
          ['healthchecks.active.type', 'tcp'],
          ['healthchecks.active.http_path', '/health'],
        ],
        status: 201,
        shows: {
          algorithm: 'round-robin',
          slots: 10,
          healthchecks: { active: { type: 'tcp', http_path: '/health', timeout: 1 } },
        },
        as: 'u',
      },
      {
        ask: 'POST /upstreams',
        json: { name: 'pool' },
        status: 409,
        is: taken('name="pool"', { name: 'pool' }),
      },
      {
        ask: 'PATCH /upstreams/pool',
        json: { healthchecks: { active: { timeout: 7 } } },
        status: 200,
        shows: { healthchecks: { active: { type: 'tcp', http_path: '/health', timeout: 7 } } },
      },
      {
        ask: 'POST /upstreams/pool/targets',
        json: { target: 'a.test' },
        status: 201,
        shows: { target: 'a.test:8000', weight: 100, upstream: { id: '{u}' } },
        as: 't',
      },
      { ask: 'POST /upstreams/pool/targets', json: { target: 'a.test:8000' }, status: 409 },
      {
        ask: 'POST /upstreams/{u}/targets',
        form: [
          ['target', 'b.test:123'],
          ['weight', '0'],
        ],
        status: 201,
        shows: { target: 'b.test:123', weight: 0 },
      },
      {
        ask: 'POST /upstreams/pool/targets/',
        json: { weight: 'x', target: 'c.test' },
        status: 400,
      },
      {
        ask: 'POST /upstreams/pool/targets',
        json: { target: 'some invalid host name' },
        status: 400,
        is: violation('target: Invalid target; not a valid hostname or ip address', {
          target: 'Invalid target; not a valid hostname or ip address',
        }),
      },
      {
        ask: 'POST /upstreams/pool/targets',
        json: { weight: 1 },
        status: 400,
        is: violation('target: required field missing', { target: 'required field missing' }),
      },
      {
        ask: 'POST /upstreams/pool/targets',
        json: { target: 'c.test', weight: 65_536 },
        status: 400,
        is: violation('weight: value should be between 0 and 65535', {
          weight: 'value should be between 0 and 65535',
        }),
      },
      { ask: 'PUT /upstreams/pool/targets', json: {}, status: 405, is: NOT_ALLOWED },
      {
        ask: 'PATCH /upstreams/pool/targets/a.test:8000',
        json: { weight: 5 },
        status: 200,
        shows: { id: '{t}', weight: 5 },
      },
      {
        ask: 'PUT /upstreams/pool/targets/a.test:8000',
        json: { target: 'c.test:9000' },
        status: 200,
        shows: { id: '{t}', target: 'c.test:9000', weight: 5 },
      },
      { ask: 'PUT /upstreams/pool/targets/d.test:1', json: {}, status: 404, is: NOT_FOUND },
      { ask: 'DELETE /upstreams/pool/targets/c.test:9000', status: 204 },
      { ask: 'DELETE /upstreams/pool/targets/c.test:9000', status: 404 },
      { ask: 'DELETE /upstreams/pool', status: 204 },
      { ask: 'GET /upstreams/pool/targets', status: 404, is: NOT_FOUND },
    ],
  },
];
