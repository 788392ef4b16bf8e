/** Every example loads as it stands (its upstream's address apart) and does what it is there to show. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startEcho } from '../src/demo/echo.ts';
import { EXAMPLES, EXAMPLE_NAMES } from './support/examples.ts';
import { loadConfig, spawnGateway } from './support/spawn-gateway.ts';

const root = join(import.meta.dirname, '..');
const files = new Map([
  ['the packaged kong.yaml', join(root, 'kong.yaml')],
  ...EXAMPLE_NAMES.map((name): [string, string] => [name, join(EXAMPLES, name, 'kong.yaml')]),
]);

test('examples', async (t) => {
  const echo = await startEcho({ host: '127.0.0.1', port: 0 });
  t.after(() => echo.close());
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '1' });
  for (const [name, file] of files) {
    await t.test(`${name} loads, and its plugins run on every route`, async () => {
      const text = readFileSync(file, 'utf8').replaceAll('http://127.0.0.1:9080', echo.url);
      const loaded = await loadConfig(gateway.adminUrl, text);
      assert.equal(loaded.status, 201, await loaded.text());
      const paths = [...text.matchAll(/paths:\s*(?:\[|\n\s*- )\s*['"]?(\/[^\s'",\]]*)/g)].map(
        ([, path]) => path ?? '',
      );
      assert.ok(paths.length > 0);
      for (const path of paths) {
        // A redirect may lead to a host outside.
        const answer = await fetch(gateway.proxyUrl + path, { redirect: 'manual' });
        const body = await answer.text();
        assert.notEqual(answer.status, 404, `${path}: ${body}`);
        assert.ok(answer.status < 500 || text.includes(`status_code: ${answer.status}`), body);
      }
    });
  }

  await t.test('key-auth: 401 without a key, 200 with', async () => {
    await loadConfig(gateway.adminUrl, packaged(echo.url));
    assert.equal((await fetch(`${gateway.proxyUrl}/key`)).status, 401);
    const answer = await fetch(`${gateway.proxyUrl}/key`, { headers: { apikey: 'demo-key' } });
    assert.equal(answer.status, 200);
    assert.doesNotMatch(await answer.text(), /demo-key/);
    assert.match(answer.headers.get('x-correlation-id') ?? '', /^[0-9a-f-]{36}(#\d+)?$/);
  });

  await t.test('request-termination: the route answers by itself', async () => {
    await loadConfig(gateway.adminUrl, packaged(echo.url));
    const answer = await fetch(`${gateway.proxyUrl}/maintenance`);
    assert.equal(answer.status, 503);
    assert.deepEqual(await answer.json(), { message: 'Back in a moment' });
  });
});

function packaged(echoUrl: string): string {
  return readFileSync(join(root, 'kong.yaml'), 'utf8').replaceAll('http://127.0.0.1:9080', echoUrl);
}
