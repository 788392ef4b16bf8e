/** Writes of consumers and their credentials, as Kong's own tests expect them. */
import { publicKey } from './pems.ts';
import {
  JSON_TYPE,
  UUID,
  NOT_FOUND,
  NOT_ALLOWED,
  NO_JSON,
  violation,
  entityViolation,
  taken,
  inEveryForm,
  type Story,
} from './story.ts';

export const CONSUMERS: readonly Story[] = [
  {
    title: 'consumers: made in every form',
    calls: inEveryForm(
      (n) => ({ ask: 'POST /consumers', status: n === 1 ? 201 : 409 }),
      [['username', 'in-every-form']],
    ),
  },
  {
    title: 'consumers: what is wrong with a body',
    calls: [
      ...[{ json: {} }, {}, { type: 'application/x-www-form-urlencoded' }].map((body) => ({
        ask: 'POST /consumers',
        ...body,
        status: 400,
        is: entityViolation(
          "at least one of these fields must be non-empty: 'custom_id', 'username'",
        ),
      })),
      { ask: 'POST /consumers', type: JSON_TYPE, status: 400, is: NO_JSON },
      { ask: 'POST /consumers', raw: '{"hello": "world"}', type: 'invalid', status: 415 },
      { ask: 'PATCH /consumers', json: {}, status: 405, is: NOT_ALLOWED },
      { ask: 'DELETE /consumers', status: 405, is: NOT_ALLOWED },
      {
        ask: `PUT /consumers/${UUID}`,
        json: {},
        status: 400,
        is: entityViolation(
          "at least one of these fields must be non-empty: 'custom_id', 'username'",
        ),
      },
    ],
  },
  {
    title: 'consumers: names that are taken, and PUT by name',
    calls: [
      { ask: 'POST /consumers', json: { username: 'ann', custom_id: '42' }, status: 201, as: 'a' },
      {
        ask: 'POST /consumers',
        json: { username: 'ann' },
        status: 409,
        is: taken('username="ann"', { username: 'ann' }),
      },
      {
        ask: 'POST /consumers',
        json: { username: 'tom', custom_id: '42' },
        status: 409,
        is: taken('custom_id="42"', { custom_id: '42' }),
      },
      {
        ask: 'PATCH /consumers/ann',
        json: { username: 'ann', custom_id: '42' },
        status: 200,
        shows: { id: '{a}' },
      },
      {
        ask: 'PUT /consumers/ann',
        json: {},
        status: 200,
        shows: { id: '{a}', username: 'ann', custom_id: null },
      },
      { ask: 'PUT /consumers/j%C3%BCrgen%20k', status: 200, shows: { username: 'jürgen k' } },
      { ask: 'DELETE /consumers/j%C3%BCrgen%20k', status: 204 },
      { ask: 'DELETE /consumers/ann', status: 204 },
    ],
  },
  {
    title: 'credentials of jwt',
    calls: [
      { ask: 'POST /consumers', json: { username: 'bob' }, status: 201, as: 'bob' },
      { ask: 'POST /consumers', json: { username: 'eve' }, status: 201, as: 'eve' },
      {
        ask: 'POST /consumers/bob/jwt/',
        json: {},
        status: 201,
        shows: { consumer: { id: '{bob}' }, algorithm: 'HS256', rsa_public_key: null, tags: null },
      },
      {
        ask: 'POST /consumers/bob/jwt',
        json: { key: 'bob2', secret: 'tooshort' },
        status: 201,
        shows: { key: 'bob2', secret: 'tooshort' },
        as: 'bob2',
      },
      {
        ask: 'POST /consumers/eve/jwt',
        json: { key: 'bob2' },
        status: 409,
        is: taken('key="bob2"', { key: 'bob2' }),
      },
      {
        ask: 'POST /consumers/bob/jwt',
        multipart: [
          ['rsa_public_key', publicKey],
          ['algorithm', 'RS256'],
          ['key', 'bob3'],
        ],
        status: 201,
        shows: { key: 'bob3', algorithm: 'RS256' },
      },
      {
        ask: 'POST /consumers/bob/jwt',
        form: [
          ['rsa_public_key', publicKey.replaceAll('\n', '\r\n')],
          ['algorithm', 'RS256'],
          ['key', 'bob4'],
        ],
        status: 201,
        shows: { key: 'bob4', algorithm: 'RS256' },
      },
      {
        ask: 'POST /consumers/bob/jwt',
        json: { key: 'bob5', algorithm: 'RS256' },
        status: 400,
        shows: {
          fields: {
            '@entity': ["failed conditional validation given value of field 'algorithm'"],
            rsa_public_key: 'required field missing',
          },
        },
      },
      {
        ask: 'POST /consumers/bob/jwt',
        json: { key: 'bob5', algorithm: 'RS256', rsa_public_key: 'test' },
        status: 400,
        shows: { fields: { rsa_public_key: 'invalid key' } },
      },
      {
        ask: 'PUT /consumers/bob/jwt/abcd',
        json: {},
        status: 200,
        shows: { key: 'abcd', consumer: { id: '{bob}' } },
      },
      { ask: 'GET /consumers/eve/jwt/abcd', status: 404, is: NOT_FOUND },
      { ask: 'PATCH /consumers/eve/jwt/abcd', json: { secret: 'x' }, status: 404 },
      { ask: 'DELETE /consumers/eve/jwt/abcd', status: 404 },
      {
        ask: 'PATCH /consumers/bob/jwt/{bob2}',
        json: { secret: 'newsecret' },
        status: 200,
        shows: { key: 'bob2', secret: 'newsecret' },
      },
      {
        ask: 'PATCH /jwts/bob2',
        json: { key: 123 },
        status: 400,
        shows: { fields: { key: 'expected a string' } },
      },
      { ask: 'DELETE /consumers/bob/jwt/abcd', status: 204 },
      { ask: 'DELETE /consumers/bob/jwt/abcd', status: 404 },
      { ask: 'DELETE /consumers/bob', status: 204 },
      { ask: 'DELETE /consumers/eve', status: 204 },
      { ask: 'GET /jwts', status: 200, is: { data: [], next: null } },
    ],
  },
  {
    title: 'credentials of key-auth, basic-auth and hmac-auth',
    calls: [
      { ask: 'POST /consumers', json: { username: 'kim' }, status: 201, as: 'kim' },
      { ask: 'POST /consumers/kim/key-auth', status: 201, shows: { consumer: { id: '{kim}' } } },
      {
        ask: 'POST /consumers/kim/key-auth',
        form: [['key', '1234']],
        status: 201,
        shows: { key: '1234' },
      },
      {
        ask: 'POST /key-auths',
        json: { key: '5678' },
        status: 400,
        is: violation('consumer: required field missing', { consumer: 'required field missing' }),
      },
      {
        ask: 'POST /key-auths',
        json: { key: '5678', consumer: { username: 'kim' } },
        status: 201,
        shows: { consumer: { id: '{kim}' } },
      },
      {
        ask: 'PUT /consumers/kim/key-auth/1234',
        json: { tags: ['t'] },
        status: 200,
        shows: { key: '1234', tags: ['t'] },
      },
      {
        ask: 'POST /consumers/kim/basic-auth',
        json: { username: 'kim', password: 'kong' },
        status: 201,
        shows: { username: 'kim', consumer: { id: '{kim}' } },
      },
      {
        ask: 'POST /consumers/kim/basic-auth',
        json: {},
        status: 400,
        shows: {
          fields: { username: 'required field missing', password: 'required field missing' },
        },
      },
      {
        ask: 'POST /consumers/kim/basic-auth',
        json: { username: 'kim', password: 'other' },
        status: 409,
        is: taken('username="kim"', { username: 'kim' }),
      },
      {
        ask: 'POST /consumers/kim/hmac-auth',
        json: { username: 'kim', secret: '1234' },
        status: 201,
        shows: { username: 'kim', secret: '1234' },
      },
      {
        ask: 'POST /consumers/kim/hmac-auth',
        json: {},
        status: 400,
        is: violation('username: required field missing', { username: 'required field missing' }),
      },
      { ask: 'DELETE /consumers/kim', status: 204 },
    ],
  },
  {
    title: 'acl groups, by name and by id',
    calls: [
      { ask: 'POST /consumers', json: { username: 'moe' }, status: 201, as: 'moe' },
      {
        ask: 'POST /consumers/moe/acls',
        json: {},
        status: 400,
        is: violation('group: required field missing', { group: 'required field missing' }),
      },
      {
        ask: 'POST /consumers/moe/acls',
        form: [['group', 'admin']],
        status: 201,
        shows: { group: 'admin', consumer: { id: '{moe}' } },
        as: 'admin',
      },
      { ask: 'POST /consumers/moe/acls', json: { group: 'admin' }, status: 409 },
      { ask: 'PUT /consumers/moe/acls/pro', status: 200, shows: { group: 'pro' }, as: 'pro' },
      { ask: 'PUT /consumers/moe/acls/pro', json: {}, status: 200, shows: { id: '{pro}' } },
      { ask: 'GET /consumers/moe/acls/pro', status: 200, shows: { id: '{pro}' } },
      {
        ask: 'PATCH /consumers/moe/acls/pro',
        json: { group: 'premium' },
        status: 200,
        shows: { id: '{pro}', group: 'premium' },
      },
      {
        ask: 'PATCH /consumers/moe/acls/{admin}',
        json: { group: 123 },
        status: 400,
        shows: { fields: { group: 'expected a string' } },
      },
      {
        ask: `PUT /consumers/moe/acls/${UUID}`,
        json: { group: 123 },
        status: 400,
        shows: { fields: { group: 'expected a string' } },
      },
      { ask: 'DELETE /consumers/moe/acls/premium', status: 204 },
      { ask: 'DELETE /consumers/moe/acls/premium', status: 404, shows: NOT_FOUND },
      { ask: 'DELETE /consumers/moe/acls/{admin}', status: 204 },
      {
        ask: 'POST /acls',
        json: { group: 'g' },
        status: 400,
        is: violation('consumer: required field missing', { consumer: 'required field missing' }),
      },
      { ask: 'POST /acls', json: { group: 'g', consumer: { id: '{moe}' } }, status: 201, as: 'g' },
      { ask: 'DELETE /acls/{g}', status: 204 },
      { ask: 'DELETE /consumers/moe', status: 204 },
    ],
  },
];
