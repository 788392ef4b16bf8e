/** Hosts, addresses and targets: what is taken, and Kong's words for the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkHost,
  checkHostWithPort,
  checkIpOrCidr,
  checkRouteHost,
  checkTarget,
  checkUpstreamName,
  checkWildcardHost,
  parseAddress,
} from './address.ts';

type Case = readonly [value: string, message: string | undefined];

function table(
  name: string,
  check: (value: string) => string | undefined,
  cases: readonly Case[],
): void {
  for (const [value, message] of cases) {
    test(`${name} ${value}: ${message ?? 'good'}`, () => assert.equal(check(value), message));
  }
}

table('host', checkHost, [
  ['a.test', undefined],
  ['a_b.test', undefined],
  ['a.test.', undefined],
  ['10.0.0.1', undefined],
  ['::1', undefined],
  ['12345', undefined],
  ['a.test:80', 'must not have a port'],
  ['[::1]:80', 'must not have a port'],
  ['a.test/x', 'invalid value: a.test/x'],
  ['a b', 'invalid value: a b'],
  ['a..test', 'invalid value: a..test'],
  ['.test', 'invalid value: .test'],
  ['-a.test', 'invalid value: -a.test'],
  ['a-.test', 'invalid value: a-.test'],
  ['256.0.0.1', 'invalid value: 256.0.0.1'],
  ['a.test:x', 'invalid value: a.test:x'],
  ['[::1', 'invalid value: [::1'],
]);

table('host with port', checkHostWithPort, [
  ['a.test:80', undefined],
  ['[::1]:80', undefined],
  ['a.test:65536', 'invalid value: a.test:65536'],
]);

table('TLS server name', checkWildcardHost, [
  ['a.test', undefined],
  ['*.a.test', undefined],
  ['a.*', undefined],
  ['a.*.test', 'wildcard must be leftmost or rightmost character'],
  ['*.a.*', 'only one wildcard must be specified'],
  ['10.0.0.1', 'must not be an IP'],
  ['a.test:443', 'must not have a port'],
  ['a b', 'invalid value: a b'],
]);

const EDGE = 'invalid wildcard: must be placed at leftmost or rightmost label';
const ONE = 'invalid wildcard: must have at most one wildcard';

table('route host', checkRouteHost, [
  ['a.test', undefined],
  ['a.test:8080', undefined],
  ['10.0.0.1', undefined],
  ['[::1]:80', undefined],
  ['*.a.test', undefined],
  ['*.a.test:81', undefined],
  ['a.*', undefined],
  ['*', EDGE],
  ['a.*.test', EDGE],
  ['*a.test', EDGE],
  ['a.test*', EDGE],
  ['*.*', ONE],
  ['*.a.*', ONE],
  ['a.test:99999', 'invalid port number'],
  ['a b', 'invalid hostname: a b'],
  ['300.1.1.1', 'invalid ipv4 address: 300.1.1.1'],
  ['1::2::3', 'invalid ipv6 address: 1::2::3'],
]);

table('upstream name', checkUpstreamName, [
  ['balanced.test', undefined],
  ['a b', "Invalid name ('a b'); must be a valid hostname"],
  ['10.0.0.1', "Invalid name ('10.0.0.1'); no ip addresses allowed"],
  ['a.test:80', "Invalid name ('a.test:80'); no port allowed"],
]);

table('target', checkTarget, [
  ['a.test', undefined],
  ['10.0.0.1:80', undefined],
  ['[::1]:80', undefined],
  ['::1', undefined],
  ['a b', "Invalid target ('a b'); not a valid hostname or ip address"],
  ['a.test:0x1', "Invalid target ('a.test:0x1'); not a valid hostname or ip address"],
]);

table('address or block', checkIpOrCidr, [
  ['10.0.0.1', undefined],
  ['10.0.0.0/8', undefined],
  ['::1', undefined],
  ['fe80::/10', undefined],
  ['10.0.0.0/33', "invalid ip or cidr range: '10.0.0.0/33'"],
  ['::/129', "invalid ip or cidr range: '::/129'"],
  ['10.0.0.0/', "invalid ip or cidr range: '10.0.0.0/'"],
  ['a.test', "invalid ip or cidr range: 'a.test'"],
]);

test('an address is taken apart without brackets', () => {
  assert.deepEqual(parseAddress('[::1]:80'), { kind: 'ipv6', host: '::1', port: 80 });
  assert.deepEqual(parseAddress('a.test'), { kind: 'name', host: 'a.test', port: undefined });
});
