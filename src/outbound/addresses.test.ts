/** Which addresses are public, private or link-local, in every form that leads to them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLinkLocal, isPrivate, isPublic } from './addresses.ts';

type Kind = 'public' | 'private' | 'link-local' | 'nobody';

const ADDRESSES: Readonly<Record<string, readonly (readonly [address: string, kind: Kind])[]>> = {
  IPv4: [
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['10.1.2.3', 'private'],
    ['127.0.0.1', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['0.0.0.0', 'private'],
    ['224.0.0.1', 'private'],
    ['169.254.169.254', 'link-local'],
  ],
  IPv6: [
    ['2606:4700::1111', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['::', 'private'],
    ['::1', 'private'],
    ['fd00::1', 'private'],
    ['fe80::1', 'link-local'],
    ['ff02::1', 'private'],
    ['100::1', 'nobody'],
    ['4000::1', 'nobody'],
    ['2001:db8::1', 'nobody'],
  ],
  'site-local, retired and still routed': [
    ['fec0::1', 'private'],
    ['feff:ffff::1', 'private'],
  ],
  'IPv4-mapped': [
    ['::ffff:8.8.8.8', 'public'],
    ['::ffff:808:808', 'public'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:a00:1', 'private'],
    ['::ffff:169.254.169.254', 'link-local'],
  ],
  'IPv4-compatible': [
    ['::10.0.0.1', 'private'],
    ['::a00:1', 'private'],
    ['::169.254.169.254', 'link-local'],
    ['::8.8.8.8', 'nobody'],
  ],
  'IPv4-translated': [
    ['::ffff:0:10.0.0.1', 'private'],
    ['::ffff:0:8.8.8.8', 'nobody'],
  ],
  NAT64: [
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::a00:1', 'private'],
    ['64:ff9b::127.0.0.1', 'private'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['64:ff9b:1::8.8.8.8', 'nobody'],
  ],
  '6to4': [
    ['2002:808:808::1', 'public'],
    ['2002:a00:1::', 'private'],
    ['2002:c0a8:101:1::5', 'private'],
    ['2002:7f00:1::1', 'private'],
    ['2002:a9fe:a9fe::1', 'link-local'],
  ],
  Teredo: [
    ['2001::1', 'nobody'],
    ['2001:0:808:808:0:f227:f5ff:fffe', 'nobody'],
  ],
};

for (const [form, addresses] of Object.entries(ADDRESSES)) {
  test(`${form}: ${addresses.length} addresses are what they are`, () => {
    for (const [address, kind] of addresses) {
      assert.equal(isPublic(address), kind === 'public', `${address} is public`);
      const isOwn = kind === 'private' || kind === 'link-local';
      assert.equal(isPrivate(address), isOwn, `${address} is private`);
      assert.equal(isLinkLocal(address), kind === 'link-local', `${address} is link-local`);
    }
  });
}

test('a text that is no address is not public', () => assert.equal(isPublic('idp.example'), false));
