/** Writes of keys, key sets and vaults, as Kong's own tests expect them. */
import { publicKey } from './pems.ts';
import { NOT_FOUND, taken, type Story } from './story.ts';

export const KEYS: readonly Story[] = [
  {
    title: 'keys and key sets',
    calls: [
      { ask: 'POST /key-sets', json: { name: 'set-1' }, status: 201, as: 'set' },
      {
        ask: 'POST /key-sets/set-1/keys',
        json: { name: 'k1', kid: 'k1', pem: { public_key: publicKey } },
        status: 201,
        shows: { name: 'k1', kid: 'k1', set: { id: '{set}' }, jwk: null },
        as: 'k1',
      },
      {
        ask: 'POST /keys',
        json: { name: 'k2', kid: 'k1', set: { name: 'set-1' }, pem: { public_key: publicKey } },
        status: 409,
      },
      {
        ask: 'PUT /key-sets/set-1/keys/k3',
        json: { kid: 'k3', pem: { public_key: publicKey } },
        status: 200,
        shows: { name: 'k3', set: { id: '{set}' } },
      },
      { ask: 'GET /keys/k1/set', status: 200, shows: { id: '{set}' } },
      { ask: 'DELETE /key-sets/set-1/keys/k3', status: 204 },
      { ask: 'DELETE /key-sets/{set}', status: 204 },
      { ask: 'GET /keys/{k1}', status: 404, is: NOT_FOUND },
    ],
  },
  {
    title: 'vaults',
    calls: [
      {
        ask: 'POST /vaults',
        json: { name: 'env', prefix: 'unique-slug', config: { prefix: 'SSL_' } },
        status: 201,
        shows: { name: 'env', prefix: 'unique-slug', config: { prefix: 'SSL_' } },
        as: 'v',
      },
      {
        ask: 'POST /vaults',
        json: { name: 'env', prefix: 'unique-slug' },
        status: 409,
        is: taken('prefix="unique-slug"', { prefix: 'unique-slug' }),
      },
      {
        ask: 'PATCH /vaults/unique-slug',
        json: { config: { prefix: 'TLS_' } },
        status: 200,
        shows: { id: '{v}', config: { prefix: 'TLS_' } },
      },
      {
        ask: 'PUT /vaults/unique-slug',
        json: { name: 'env', description: 'another' },
        status: 200,
        shows: { id: '{v}', prefix: 'unique-slug', description: 'another' },
      },
      { ask: 'PUT /vaults/other', json: {}, status: 400 },
      { ask: 'DELETE /vaults/unique-slug', status: 204 },
      { ask: 'GET /vaults/{v}', status: 404, is: NOT_FOUND },
    ],
  },
];
