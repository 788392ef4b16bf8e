/** Who the client is, by the peer, the trusted addresses and the header. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, compileTrust, plainAddress } from './client-address.ts';

interface Case {
  readonly trusted: readonly string[];
  readonly header: string;
  readonly recursive?: boolean;
  readonly headers: readonly string[];
  readonly connecting?: string;
  readonly expected: string;
}

const XFF = 'x-forwarded-for';
const CASES: readonly Case[] = [
  { trusted: [], header: 'x-real-ip', headers: ['X-Real-IP', '10.1.1.1'], expected: '127.0.0.1' },
  {
    trusted: ['127.0.0.1'],
    header: 'x-real-ip',
    headers: ['X-Real-IP', '10.1.1.1'],
    expected: '10.1.1.1',
  },
  {
    trusted: ['127.0.0.1'],
    header: 'x-real-ip',
    headers: ['X-Real-IP', 'nonsense'],
    expected: '127.0.0.1',
  },
  { trusted: ['127.0.0.1'], header: 'x-real-ip', headers: [], expected: '127.0.0.1' },
  {
    trusted: ['127.0.0.1'],
    header: XFF,
    headers: ['X-Forwarded-For', '10.7.7.7, 10.8.8.8'],
    expected: '10.8.8.8',
  },
  {
    trusted: ['127.0.0.1', '192.168.5.5'],
    header: XFF,
    recursive: true,
    headers: ['X-Forwarded-For', '10.7.7.7, 192.168.5.5'],
    expected: '10.7.7.7',
  },
  {
    trusted: ['0.0.0.0/0'],
    header: XFF,
    recursive: true,
    headers: ['X-Forwarded-For', '10.7.7.7, 10.8.8.8'],
    expected: '10.7.7.7',
  },
  {
    trusted: ['10.0.0.0/8'],
    header: XFF,
    recursive: true,
    headers: ['X-Forwarded-For', '10.7.7.7'],
    expected: '127.0.0.1',
  },
  {
    trusted: ['127.0.0.1'],
    header: XFF,
    headers: ['X-Forwarded-For', '10.7.7.7:55'],
    expected: '10.7.7.7',
  },
  {
    trusted: ['::1'],
    connecting: '::1',
    header: XFF,
    headers: ['X-Forwarded-For', '[2001:db8::1]:80'],
    expected: '2001:db8::1',
  },
  {
    trusted: ['127.0.0.1'],
    header: XFF,
    recursive: true,
    headers: ['X-Forwarded-For', 'forged, 127.0.0.1'],
    expected: '127.0.0.1',
  },
];

for (const {
  trusted,
  header,
  recursive = false,
  headers,
  connecting = '127.0.0.1',
  expected,
} of CASES) {
  test(`${connecting} trusting [${trusted.join(' ')}] with ${headers.join(': ') || 'no header'} is ${expected}`, () => {
    const rules = { trusted: compileTrust(trusted), header, recursive };
    assert.equal(clientAddress(connecting, [...headers], rules), expected);
  });
}

test('an IPv4 peer of a dual-stack socket has its plain address', () => {
  assert.equal(plainAddress('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(plainAddress('::1'), '::1');
  assert.equal(plainAddress(undefined), '');
});

test('unix: trusts peers without an address only', () => {
  const trusted = compileTrust(['unix:']);
  assert.equal(trusted(''), true);
  assert.equal(trusted('127.0.0.1'), false);
});
