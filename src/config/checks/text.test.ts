/** Names and words: what is taken, and Kong's words for the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkCookieName,
  checkEnvPrefix,
  checkFieldName,
  checkFieldValue,
  checkHeaderName,
  checkHeaderNames,
  checkMethod,
  checkName,
  checkProtocolFamily,
  checkRouteHeaders,
  checkTag,
  checkUuid,
  checkVaultName,
  checkVaultPrefix,
} from './text.ts';

const badName = (value: string) =>
  `invalid value '${value}': the only accepted ascii characters are alphanumerics or ., -, _, and ~`;
const badTag = (value: string) =>
  `invalid tag '${value}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`;
const badHeader = (value: string) =>
  `bad header name '${value}', allowed characters are A-Z, a-z, 0-9, '_', and '-'`;
const NO_CONTROLS = 'a header cannot hold line breaks and other control characters';
const ID = '0855b320-0dd2-547d-891d-601e9b38647f';

const TABLES = [
  [
    'name',
    checkName,
    [
      ['a.b-c_d~e', undefined],
      ['ünï', undefined],
      ['a b', badName('a b')],
      ['a/b', badName('a/b')],
      ['a:b', badName('a:b')],
      ['ab\uD800', 'invalid utf-8 character sequence detected at position 3'],
    ],
  ],
  [
    'tag',
    checkTag,
    [
      ['with space', undefined],
      ['ünï', undefined],
      ['a.b-c_d~e!', undefined],
      ['a,b', badTag('a,b')],
      ['a/b', badTag('a/b')],
      ['a\tb', badTag('a\tb')],
      ['\uDC00', badTag('\uDC00')],
    ],
  ],
  [
    'uuid',
    checkUuid,
    [
      [ID, undefined],
      [ID.toUpperCase(), undefined],
      ['x', 'expected a valid UUID'],
      [ID.slice(1), 'expected a valid UUID'],
      [`${ID}0`, 'expected a valid UUID'],
    ],
  ],
  [
    'header name',
    checkHeaderName,
    [
      ['X-Key_1', undefined],
      ['x a', badHeader('x a')],
      ['x:a', badHeader('x:a')],
    ],
  ],
  [
    'field name',
    checkFieldName,
    [
      ['X.Request~Id', undefined],
      ['x a', "'x a' is no header name (RFC 9110 section 5.1)"],
      ['x:a', "'x:a' is no header name (RFC 9110 section 5.1)"],
      ['ünï', "'ünï' is no header name (RFC 9110 section 5.1)"],
    ],
  ],
  [
    'field value',
    checkFieldValue,
    [
      ['a b\t"c" Ω', undefined],
      ['a\nb', NO_CONTROLS],
      ['a\r', NO_CONTROLS],
      ['\0', NO_CONTROLS],
      ['\x7f', NO_CONTROLS],
    ],
  ],
  [
    'cookie name',
    checkCookieName,
    [
      ['session', undefined],
      ['a=b', "bad cookie name 'a=b', allowed characters are A-Z, a-z, 0-9, '_', and '-'"],
    ],
  ],
  [
    'method',
    checkMethod,
    [
      ['GET', undefined],
      ['PROPFIND', undefined],
      ['get', 'invalid value: get'],
      ['GET1', 'invalid value: GET1'],
    ],
  ],
  [
    'vault prefix',
    checkVaultPrefix,
    [
      ['my-env2', undefined],
      ['env', 'must not be one of: env'],
      ['a', 'invalid value: a'],
      ['a-', 'invalid value: a-'],
      ['A1', 'invalid value: A1'],
    ],
  ],
  [
    'vault name',
    checkVaultName,
    [
      ['env', undefined],
      ['aws', "vault 'aws' is not installed"],
    ],
  ],
  [
    'env prefix',
    checkEnvPrefix,
    [
      ['APP_', undefined],
      ['1A', 'invalid value: 1A'],
    ],
  ],
] as const;

for (const [name, check, cases] of TABLES) {
  for (const [value, message] of cases) {
    test(`${name} ${value}: ${message ?? 'good'}`, () => assert.equal(check(value), message));
  }
}

test('the names of headers are checked in a map', () => {
  assert.equal(checkHeaderNames({ 'x-a': [] }), undefined);
  assert.equal(checkHeaderNames({ 'x-a': [], 'x b': [] }), badHeader('x b'));
  assert.equal(checkRouteHeaders({ 'x b': [] }), badHeader('x b'));
  assert.equal(checkRouteHeaders({ 'x-a': [] }), undefined);
  assert.equal(
    checkRouteHeaders({ HoSt: [] }),
    "cannot contain 'host' header, which must be specified in the 'hosts' attribute",
  );
});

const STREAMS = "these sets are mutually exclusive: ('http', 'https'), ('tcp', 'tls', 'udp')";
for (const [protocols, message] of [
  [['http', 'https'], undefined],
  [['tls_passthrough'], undefined],
  [['grpcs', 'grpc'], undefined],
  // The second member has a message of its own.
  [['http', 'ftp'], undefined],
  [['ftp', 'http'], undefined],
  [[5], undefined],
  [['ftp'], 'unknown type: ftp'],
  [[], 'unknown type: nil'],
  [['http', 'tcp'], STREAMS],
  [['udp', 'https'], STREAMS],
] as const) {
  test(`protocols ${JSON.stringify(protocols)}: ${message ?? 'good'}`, () =>
    assert.equal(checkProtocolFamily(protocols), message));
}
