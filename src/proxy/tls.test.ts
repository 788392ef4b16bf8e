/** What a Service's TLS fields come to, and the length of certificate chains. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import type { Certificate, Service } from '../config/types.ts';
import { checkPeer, compileUpstreamTls, sniOf, type TlsLookups, type TlsSettings } from './tls.ts';
import type { UpstreamTls } from './types.ts';

const SERVICE: Service = {
  id: 's',
  name: null,
  retries: 5,
  protocol: 'https',
  host: 'up.test',
  port: 443,
  path: null,
  connect_timeout: 1,
  write_timeout: 1,
  read_timeout: 1,
  tags: null,
  client_certificate: null,
  tls_verify: null,
  tls_verify_depth: null,
  ca_certificates: null,
  enabled: true,
  created_at: 0,
  updated_at: 0,
};

function certificateOf(id: string): Certificate {
  const rest = { cert_alt: null, key_alt: null, tags: null, created_at: 0, updated_at: 0 };
  return { id, cert: `cert ${id}`, key: `key ${id}`, ...rest };
}

const LOOKUPS: TlsLookups = {
  certificate: (id) => (id === 'gone' ? undefined : certificateOf(id)),
  caCertificate: (id) => {
    const rest = { cert_digest: '', tags: null, created_at: 0, updated_at: 0 };
    return { id, cert: `ca ${id}`, ...rest };
  },
  upstream: undefined,
};
const SETTINGS: TlsSettings = {
  upstreamTlsVerify: false,
  trustedCertificates: 'bundle',
  clientTls: undefined,
};
const PAIR = { cert: 'process cert', key: 'process key' };

const cases: {
  name: string;
  service?: Partial<Service>;
  settings?: Partial<TlsSettings>;
  expected: Partial<UpstreamTls> | undefined;
}[] = [
  { name: 'http has none', service: { protocol: 'http' }, expected: undefined },
  {
    name: 'nothing is verified by default',
    expected: { rejectUnauthorized: false, ca: undefined, verifyDepth: undefined },
  },
  {
    name: 'the setting turns verification on',
    settings: { upstreamTlsVerify: true },
    expected: { rejectUnauthorized: true, ca: ['bundle'], verifyDepth: 1 },
  },
  {
    name: 'the service turns it off again',
    service: { tls_verify: false },
    settings: { upstreamTlsVerify: true },
    expected: { rejectUnauthorized: false },
  },
  {
    name: 'its own CAs and depth',
    service: { tls_verify: true, ca_certificates: ['1', '2'], tls_verify_depth: 0 },
    expected: { ca: ['ca 1', 'ca 2'], verifyDepth: 0 },
  },
  { name: 'the process certificate', settings: { clientTls: PAIR }, expected: PAIR },
  {
    name: "the service's certificate before the process'",
    service: { client_certificate: { id: 'c' } },
    settings: { clientTls: PAIR },
    expected: { cert: 'cert c', key: 'key c' },
  },
];
for (const { name, service, settings, expected } of cases) {
  test(`compiled: ${name}`, () => {
    const tls = compileUpstreamTls({ ...SERVICE, ...service }, LOOKUPS, {
      ...SETTINGS,
      ...settings,
    });
    if (expected === undefined) assert.equal(tls, undefined);
    else assert.deepEqual({ ...tls, ...expected }, tls);
  });
}

const idOf = (service: Partial<Service>): string =>
  compileUpstreamTls({ ...SERVICE, ...service }, LOOKUPS, SETTINGS)?.id ?? '';

test('equal options have the same id, others another, and none shows the key', () => {
  const own = { client_certificate: { id: 'c' } };
  assert.equal(idOf(own), idOf({ ...own, id: 'other', host: 'other.test' }));
  assert.notEqual(idOf(own), idOf({}));
  assert.doesNotMatch(idOf(own), /key/);
});

test('a reference that leads nowhere is refused', () => {
  const service = { ...SERVICE, client_certificate: { id: 'gone' } };
  assert.throws(() => compileUpstreamTls(service, LOOKUPS, SETTINGS), /no certificate gone/);
});

test('an address is no server name', () => {
  for (const address of ['127.0.0.1', '::1']) assert.equal(sniOf(address), '');
  assert.equal(sniOf('up.test'), 'up.test');
});

const named = (value: string): { name: string; value: string }[] => [{ name: 'commonName', value }];

test('a chain with one intermediate needs a depth of 1', async (t) => {
  const options = { keySize: 2048, algorithm: 'sha256' } as const;
  const authority = [
    { name: 'basicConstraints' as const, cA: true, critical: true },
    { name: 'keyUsage' as const, keyCertSign: true },
  ];
  const root = await generate(named('root'), { ...options, extensions: authority });
  const middle = await generate(named('middle'), {
    ...options,
    extensions: authority,
    ca: { key: root.private, cert: root.cert },
  });
  const leaf = await generate(named('up.test'), {
    ...options,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'up.test' }] }],
    ca: { key: middle.private, cert: middle.cert },
  });
  const server = createServer({ key: leaf.private, cert: `${leaf.cert}\n${middle.cert}` });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const socket: TLSSocket = connect({
    port: address.port,
    ca: root.cert,
    servername: 'up.test',
  });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  const peer = socket.getPeerCertificate(true);
  const check = (verifyDepth: number | undefined, name = 'up.test'): Error | undefined => {
    const rest = { id: '', ca: undefined, cert: undefined, key: undefined };
    return checkPeer({ ...rest, rejectUnauthorized: true, verifyDepth }, name, peer);
  };
  assert.match(String(check(0)), /1 intermediates, 0 are allowed/);
  for (const depth of [1, 2, undefined]) assert.equal(check(depth), undefined);
  assert.match(String(check(1, 'other.test')), /other\.test/);
});
