/** Error bodies: the type chosen by Accept, and what each type holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultMessage, errorTypeFor, grpcStatusFor, renderError } from './error-body.ts';

const ACCEPTS = [
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/json', 'json'],
  ['text/html', 'html'],
  ['TEXT/HTML', 'json'],
  ['text/html; charset=utf-8', 'html'],
  ['text/*', 'plain'],
  ['application/xml', 'xml'],
  ['text/xml', 'json'],
  ['image/png', 'json'],
  ['image/png, text/plain', 'json'],
  ['text/html, application/json', 'html'],
  ['text/html;q=0.5, application/xml', 'xml'],
  ['application/json;q=0.1, text/plain;q=0.2', 'plain'],
  ['text/html;q=0, */*', 'json'],
  ['application/json;q=0', 'json'],
  ['text/html;q=nonsense', 'html'],
  ['application/grpc', 'grpc'],
  ['', 'json'],
] as const;

for (const [accept, type] of ACCEPTS) {
  test(`Accept "${accept}" gets ${type}`, () => assert.equal(errorTypeFor(accept), type));
}

test('each type carries message and request id', () => {
  const id = '0123456789abcdef0123456789abcdef';
  assert.deepEqual(JSON.parse(renderError('json', 'a "b"', id).body), {
    message: 'a "b"',
    request_id: id,
  });
  assert.equal(renderError('plain', 'gone', id).body, `gone\nrequest_id: ${id}\n`);
  assert.match(renderError('html', '<b>', id).body, /<p>&lt;b&gt;\.<\/p>\n {4}<p>request_id: 0123/);
  assert.match(renderError('xml', 'a & b', id).body, /<message>a &amp; b<\/message>/);
  assert.deepEqual(renderError('grpc', 'x', id), { contentType: '', body: '' });
});

test('statuses have default texts, unknown ones too', () => {
  assert.equal(defaultMessage(502), 'An invalid response was received from the upstream server');
  assert.equal(defaultMessage(598), 'The upstream server responded with 598');
});

test('gRPC statuses follow the table, then the class', () => {
  assert.deepEqual([401, 418, 599, 204, 101].map(grpcStatusFor), [16, 3, 13, 0, 2]);
});
