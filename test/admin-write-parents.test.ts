/** Writes of consumer groups, upstreams, certificates, vaults and keys, with what belongs to them: Kong's answers, and the file after a restart. */
import { generate } from 'selfsigned';
import { form, testStories, type Story } from './support/admin-stories.ts';

const ID = '7a4f1c7e-58d0-4a5b-9d3e-0c0ffee00001';
const OTHER = '7a4f1c7e-58d0-4a5b-9d3e-0c0ffee00002';
const pair = await generate([{ name: 'commonName', value: 'a.test' }], { keySize: 2048 });
const certificate = { cert: pair.cert, key: pair.private };

const STORIES: readonly Story[] = [
  {
    name: 'consumer groups and members',
    lists: ['/consumer_groups', '/consumers', '/plugins'],
    steps: [
      { call: ['POST', '/consumer_groups', { name: 'gold' }], status: 201 },
      { call: ['POST', '/consumers', { username: 'ann' }], status: 201 },
      { call: ['POST', '/consumers/ann/consumer_groups', { group: 'gold' }], status: 201 },
      { call: ['POST', '/consumers/ann/consumer_groups', { group: 'none' }], status: 404 },
      {
        call: [
          'POST',
          '/consumer_groups/gold/plugins',
          { name: 'rate-limiting', config: { minute: 1 } },
        ],
        status: 201,
      },
      {
        call: ['PATCH', '/consumer_groups/gold', { name: 'silver' }],
        status: 200,
        has: { name: 'silver' },
      },
      { call: ['GET', '/consumers/ann/consumer_groups'], status: 200 },
      { call: ['DELETE', '/consumers/ann/consumer_groups/silver'], status: 204 },
      { call: ['DELETE', '/consumers/ann/consumer_groups/silver'], status: 404 },
      { call: ['POST', '/consumer_groups/silver/consumers', { consumer: ['ann'] }], status: 201 },
      { call: ['GET', '/consumer_groups/silver'], status: 200 },
    ],
  },
  {
    name: 'upstreams and targets',
    lists: ['/upstreams', '/upstreams/pool/targets'],
    steps: [
      { call: ['POST', '/upstreams', { name: 'pool' }], status: 201 },
      {
        call: [
          'PATCH',
          '/upstreams/pool',
          { healthchecks: { passive: { unhealthy: { http_failures: 2 } } } },
        ],
        status: 200,
      },
      {
        call: ['PATCH', '/upstreams/pool', { hash_on: 'consumer' }],
        status: 200,
        has: { algorithm: 'consistent-hashing' },
      },
      {
        call: ['POST', '/upstreams/pool/targets', form('target=a.test&weight=10')],
        status: 201,
        has: { target: 'a.test:8000', weight: 10 },
      },
      { call: ['POST', '/upstreams/pool/targets', { target: 'a.test:8000' }], status: 409 },
      {
        call: ['PATCH', '/upstreams/pool/targets/a.test:8000', { weight: 0 }],
        status: 200,
        has: { weight: 0 },
      },
      {
        call: ['PUT', '/upstreams/pool/targets/a.test:8000', { weight: 7, target: 'a.test:8000' }],
        status: 200,
        has: { weight: 7 },
      },
      { call: ['POST', '/upstreams/pool/targets', { target: 'b.test:80' }], status: 201 },
      { call: ['DELETE', '/upstreams/pool/targets/b.test:80'], status: 204 },
      { call: ['DELETE', '/upstreams/pool/targets/b.test:80'], status: 404 },
    ],
  },
  {
    name: 'certificates and SNIs',
    lists: ['/certificates', '/snis', '/services'],
    steps: [
      {
        call: ['POST', '/certificates', { ...certificate, id: ID, snis: ['b.test', 'a.test'] }],
        status: 201,
        has: { snis: ['a.test', 'b.test'] },
      },
      { call: ['POST', '/certificates', { ...certificate, snis: ['a.test'] }], status: 400 },
      {
        call: ['PATCH', `/certificates/${ID}`, { snis: ['a.test', 'c.test'] }],
        status: 200,
        has: { snis: ['a.test', 'c.test'] },
      },
      {
        call: ['PATCH', '/certificates/a.test', { tags: ['x'] }],
        status: 200,
        has: { snis: ['a.test', 'c.test'], tags: ['x'] },
      },
      { call: ['POST', `/certificates/${ID}/snis`, { name: 'd.test' }], status: 201 },
      {
        call: ['PUT', '/certificates/new.test', certificate],
        status: 200,
        has: { snis: ['new.test'] },
      },
      {
        call: [
          'POST',
          '/services',
          { name: 's', url: 'https://s.test', client_certificate: { id: ID } },
        ],
        status: 201,
        has: { client_certificate: { id: ID } },
      },
      { call: ['DELETE', `/certificates/${ID}`], status: 400, has: { code: 4 } },
      { call: ['PATCH', '/services/s', { client_certificate: null }], status: 200 },
      { call: ['DELETE', `/certificates/${ID}`], status: 204 },
      { call: ['GET', '/snis/a.test'], status: 404 },
    ],
  },
  {
    name: 'CA certificates, vaults, keys and their sets',
    lists: ['/ca_certificates', '/vaults', '/key-sets', '/keys'],
    steps: [
      {
        call: ['POST', '/vaults', { name: 'env', prefix: 'mine', config: { prefix: 'P_' } }],
        status: 201,
      },
      {
        call: ['PUT', '/vaults/mine', { name: 'env', config: { prefix: 'Q_' } }],
        status: 200,
        has: { prefix: 'mine' },
      },
      { call: ['POST', '/key-sets', { name: 'set' }], status: 201 },
      {
        call: [
          'POST',
          '/key-sets/set/keys',
          { name: 'k', kid: '1', jwk: JSON.stringify({ kid: '1', kty: 'oct', k: 'AAAA' }) },
        ],
        status: 201,
      },
      { call: ['PATCH', '/keys/k', { tags: ['x'] }], status: 200, has: { tags: ['x'] } },
      { call: ['PATCH', '/key-sets/set', { name: 'renamed' }], status: 200 },
      { call: ['GET', '/key-sets/renamed/keys/k'], status: 200 },
      { call: ['DELETE', '/vaults/mine'], status: 204 },
      { call: ['DELETE', '/key-sets/renamed'], status: 204 },
      { call: ['GET', '/keys/k'], status: 404 },
      { call: ['DELETE', `/ca_certificates/${OTHER}`], status: 204 },
    ],
  },
];

testStories(STORIES);
