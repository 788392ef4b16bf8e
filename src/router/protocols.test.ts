/** Tests of what a route's protocols answer to requests that came in another way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../config/types.ts';
import { headerValue } from '../http/headers.ts';
import { enforceProtocols, restrictsProtocols, type ProtocolFacts } from './protocols.ts';
import { route } from './routes.test.fixture.ts';

const plain: ProtocolFacts = {
  effectiveScheme: 'http',
  httpVersion: '1.1',
  contentType: undefined,
  forwardedHost: undefined,
  authority: undefined,
  host: 'Site.test:8000',
  target: '/c301//a/../b?x=1&y=%20',
};

const answer = (fields: Partial<Route>, facts: Partial<ProtocolFacts> = {}) =>
  enforceProtocols(route(fields), { ...plain, ...facts });

test('routes for http never refuse', () => {
  for (const protocols of [['http'], ['http', 'https'], ['https', 'http']] as const) {
    const given = { protocols: [...protocols], https_redirect_status_code: 301 } as const;
    assert.equal(answer(given), undefined);
    assert.equal(answer(given, { effectiveScheme: 'https' }), undefined);
    assert.equal(restrictsProtocols(route(given)), false);
  }
  assert.equal(restrictsProtocols(route({ protocols: ['https'] })), true);
});

test('an https route asks plain requests to upgrade', () => {
  const refusal = answer({ protocols: ['https'] });
  assert.ok(refusal?.kind === 'error');
  assert.equal(refusal.status, 426);
  assert.equal(refusal.message, 'Please use HTTPS protocol');
  assert.equal(headerValue(refusal.headers, 'upgrade'), 'TLS/1.2, HTTP/1.1');
  assert.equal(headerValue(refusal.headers, 'connection'), 'Upgrade');
  assert.equal(answer({ protocols: ['https'] }, { effectiveScheme: 'https' }), undefined);
});

const REDIRECTS: readonly (readonly [301 | 302 | 307 | 308, string, string])[] = [
  [301, 'text/html', '301 Moved Permanently'],
  [302, 'text/html', '302 Found'],
  [307, 'text/html; charset=UTF-8', '307 Temporary Redirect'],
  [308, 'text/html; charset=UTF-8', '308 Permanent Redirect'],
];

for (const [status, contentType, reason] of REDIRECTS) {
  test(`${status} redirects to the same target over https`, () => {
    const redirect = answer({ protocols: ['https'], https_redirect_status_code: status });
    assert.ok(redirect?.kind === 'exit');
    assert.equal(redirect.status, status);
    assert.equal(headerValue(redirect.headers, 'content-type'), contentType);
    assert.equal(
      headerValue(redirect.headers, 'location'),
      'https://site.test/c301//a/../b?x=1&y=%20',
    );
    assert.equal(
      redirect.body,
      `<html>\r\n<head><title>${reason}</title></head>\r\n<body>\r\n<center><h1>${reason}</h1></center>\r\n</body>\r\n</html>\r\n`,
    );
  });
}

const LOCATIONS: readonly (readonly [Partial<ProtocolFacts>, string])[] = [
  [{ host: '[::1]:80', target: '/' }, 'https://[::1]/'],
  [{ authority: 'Other.test:1', target: '/x' }, 'https://other.test/x'],
  [
    { authority: 'other.test', forwardedHost: 'front.test:8443', target: '/x' },
    'https://front.test:8443/x',
  ],
  [{ host: '', target: '/x' }, 'https://kong/x'],
];

for (const [facts, location] of LOCATIONS) {
  test(`redirect to ${location}`, () => {
    const redirect = answer({ protocols: ['https'], https_redirect_status_code: 301 }, facts);
    assert.equal(headerValue(redirect?.headers ?? [], 'location'), location);
  });
}

const GRPC: readonly (readonly [Route['protocols'], Partial<ProtocolFacts>, number | undefined])[] =
  [
    [['grpc'], {}, 415],
    [['grpc'], { contentType: 'application/json', httpVersion: '2' }, 415],
    [['grpc'], { contentType: 'application/grpc' }, 426],
    [['grpc'], { contentType: 'application/grpc+proto', httpVersion: '2' }, undefined],
    [['grpcs'], {}, 415],
    [['grpcs'], { contentType: 'application/grpc' }, 426],
    [['grpcs'], { contentType: 'application/grpc', httpVersion: '2' }, 200],
    [
      ['grpcs'],
      { contentType: 'application/grpc', httpVersion: '2', effectiveScheme: 'https' },
      undefined,
    ],
    [['grpc', 'grpcs'], { contentType: 'application/grpc', httpVersion: '2' }, undefined],
  ];

for (const [protocols, facts, status] of GRPC) {
  test(`${protocols.join('+')} asked with ${JSON.stringify(facts)}: ${status ?? 'goes on'}`, () => {
    assert.equal(answer({ protocols }, facts)?.status, status);
  });
}

test('gRPC over a plain connection is told so in gRPC', () => {
  const refusal = answer(
    { protocols: ['grpcs'] },
    { contentType: 'application/grpc', httpVersion: '2' },
  );
  assert.equal(headerValue(refusal?.headers ?? [], 'grpc-status'), '1');
  assert.equal(
    headerValue(refusal?.headers ?? [], 'grpc-message'),
    'gRPC request matched gRPCs route',
  );
});
