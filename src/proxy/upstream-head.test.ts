/** The upstream's header fields: forwarded, hop-by-hop, Host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerValue, headerValues } from '../http/headers.ts';
import {
  buildUpstreamHead,
  hostName,
  upstreamHost,
  type ForwardingFacts,
} from './upstream-head.ts';

const FACTS: ForwardingFacts = {
  connectingAddress: '127.0.0.1',
  clientAddress: '127.0.0.1',
  trusted: false,
  scheme: 'http',
  host: 'Site.Test:8000',
  publicPort: 8000,
  rawPath: '/a//b',
  prefix: '/a',
  httpVersion: '1.1',
  requestId: 'f'.repeat(32),
};

const build = (headers: readonly string[], facts: Partial<ForwardingFacts> = {}): string[] =>
  buildUpstreamHead([...headers], { ...FACTS, ...facts });

test('Kong forwarding headers are written anew for a stranger', () => {
  const spoofed = [
    'X-Forwarded-Proto',
    'https',
    'X-Forwarded-Host',
    'evil',
    'X-Forwarded-Port',
    '1',
  ];
  const out = build([
    ...spoofed,
    'X-Forwarded-Path',
    '/x',
    'X-Forwarded-Prefix',
    '/y',
    'X-Real-IP',
    '9.9.9.9',
  ]);
  const names = ['proto', 'host', 'port', 'path', 'prefix'];
  assert.deepEqual(
    names.map((name) => headerValues(out, `x-forwarded-${name}`)),
    [['http'], ['site.test'], ['8000'], ['/a//b'], ['/a']],
  );
  assert.deepEqual(headerValues(out, 'x-real-ip'), ['127.0.0.1']);
});

test('a trusted peer is believed', () => {
  const out = build(['X-Forwarded-Proto', 'https', 'X-Forwarded-Prefix', '/y'], { trusted: true });
  assert.equal(headerValue(out, 'x-forwarded-proto'), 'https');
  assert.equal(headerValue(out, 'x-forwarded-prefix'), '/y');
});

test('X-Forwarded-For keeps the first line and appends the peer', () => {
  const out = build(['X-Forwarded-For', '10.0.0.1', 'x-forwarded-for', '10.0.0.2']);
  assert.deepEqual(headerValues(out, 'x-forwarded-for'), ['10.0.0.1, 127.0.0.1']);
});

test('Via is extended with the version the client spoke', () => {
  assert.equal(headerValue(build(['Via', '1.1 dev']), 'via'), '1.1 dev, 1.1 kong/3.9.1');
  assert.equal(headerValue(build([], { httpVersion: '2' }), 'via'), '2 kong/3.9.1');
});

test('hop-by-hop fields and nominated fields end here', () => {
  const out = build([
    'Connection',
    'X-Mine, close',
    'X-Mine',
    '1',
    'X-Mine-Too',
    '2',
    'Keep-Alive',
    't',
    'Proxy',
    'p',
    'Proxy-Connection',
    'c',
    'Upgrade',
    'h2c',
    'Transfer-Encoding',
    'chunked',
    'Content-Length',
    '5',
    'Expect',
    '100-continue',
    'Proxy-Authorization',
    'kept',
  ]);
  const gone = [
    'connection',
    'x-mine',
    'keep-alive',
    'proxy',
    'proxy-connection',
    'upgrade',
    'transfer-encoding',
    'content-length',
    'expect',
  ];
  assert.deepEqual(
    gone.filter((name) => headerValue(out, name) !== undefined),
    [],
  );
  assert.equal(headerValue(out, 'x-mine-too'), '2');
  assert.equal(headerValue(out, 'proxy-authorization'), 'kept');
});

test('a client cannot nominate identity headers away', () => {
  const out = build(['Connection', 'X-Consumer-Username', 'X-Consumer-Username', 'ann']);
  assert.equal(headerValue(out, 'x-consumer-username'), 'ann');
});

test('TE survives as trailers only', () => {
  assert.equal(headerValue(build(['TE', 'trailers, deflate;q=0.5']), 'te'), 'trailers');
  assert.equal(headerValue(build(['TE', 'deflate']), 'te'), undefined);
});

test('the request id is ours unless it is switched off', () => {
  assert.deepEqual(headerValues(build(['X-Kong-Request-Id', 'mine']), 'x-kong-request-id'), [
    'f'.repeat(32),
  ]);
  assert.deepEqual(
    headerValues(
      build(['X-Kong-Request-Id', 'mine'], { requestId: undefined }),
      'x-kong-request-id',
    ),
    ['mine'],
  );
});

const HOSTS = [
  [{ hostname: 'a.test', port: 80, tls: false }, 'a.test'],
  [{ hostname: 'a.test', port: 443, tls: true }, 'a.test'],
  [{ hostname: 'a.test', port: 443, tls: false }, 'a.test:443'],
  [{ hostname: '::1', port: 81, tls: false }, '[::1]:81'],
  [{ hostname: 'a.test', port: 80, tls: false, hostHeader: 'b.test' }, 'b.test'],
  [
    { hostname: 'a.test', port: 80, tls: false, hostHeader: 'b.test', preserved: 'c.test:1' },
    'c.test:1',
  ],
  [{ hostname: 'a.test', port: 80, tls: false, preserved: '' }, 'a.test'],
] as const;

for (const [options, expected] of HOSTS) {
  test(`Host for ${JSON.stringify(options)} is ${expected}`, () => {
    assert.equal(
      upstreamHost({ preserved: undefined, hostHeader: undefined, ...options }),
      expected,
    );
  });
}

test('a host name has neither port nor capitals', () => {
  assert.deepEqual(['A.Test:80', '[::1]:80', '[::1]', 'x'].map(hostName), [
    'a.test',
    '[::1]',
    '[::1]',
    'x',
  ]);
});
