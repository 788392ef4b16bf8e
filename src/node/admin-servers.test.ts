/** The Admin API's listeners: their access log, and what is no HTTP. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createAdminHandler, maskAdminTarget } from '../admin/index.ts';
import { ADMIN_DEPS } from '../../test/support/admin.ts';
import { deferred } from '../../test/support/deferred.ts';
import { rawExchange } from '../../test/support/raw-client.ts';
import { testListener, testSettings } from '../../test/support/settings.ts';
import { startApiServers } from './admin-servers.ts';

interface Started {
  readonly port: number;
  readonly line: Promise<string>;
}

async function start(t: TestContext): Promise<Started> {
  const logged = deferred<string>();
  const servers = await startApiServers({
    settings: testSettings(),
    listeners: [testListener()],
    tls: undefined,
    handler: createAdminHandler(ADMIN_DEPS),
    accessLog: (line) => logged.resolve(line),
  });
  t.after(() => servers.close());
  return { port: servers.addresses()[0]?.port ?? 0, line: logged.promise };
}

test('a line has the combined format, without the key in the path', async (t) => {
  const { port, line } = await start(t);
  const head = 'GET /key-auths/top-secret HTTP/1.1\r\nHost: localhost\r\nUser-Agent: u\r\n';
  await rawExchange(t, port, `${head}Connection: close\r\n\r\n`);
  assert.match(
    await line,
    /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:[\d:]{8} \+0000\] "GET \/key-auths\/\*\*\* HTTP\/1\.1" 404 23 "-" "u"$/,
  );
});

test('keys and tokens in a target are masked, ids are not', () => {
  const id = '4b6e8a54-a508-4a60-ba6f-9d1a451a3234';
  const cases = [
    ['/consumers/c/key-auth/k?x=1', '/consumers/c/key-auth/***?x=1'],
    ['/key-auths/k/consumer', '/key-auths/***/consumer'],
    [`/key-auths/${id}/consumer`, `/key-auths/${id}/consumer`],
    [`/key-auths/${id}-k`, '/key-auths/***'],
    ['/key-auths?size=1', '/key-auths?size=1'],
    ['/?t=eyJhbGciOiJub25lIn0.e30.x', '/?t=***'],
  ] as const;
  for (const [target, shown] of cases) assert.equal(maskAdminTarget(target), shown);
});

test('what is no HTTP is answered with 400', async (t) => {
  const { port } = await start(t);
  const answer = await rawExchange(t, port, 'GET / HTTP/1.1\r\nBad Header: x\r\n\r\n');
  assert.equal(answer.status, 400);
  assert.match(answer.body, /400 Bad Request/);
});
