// The test of check-client: node --test (no gateway and no socket is needed)
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testPlugin } from 'silverback/testing';

async function open(t, config) {
  const plugin = await testPlugin(new URL('./check-client.ts', import.meta.url), { config });
  t.after(() => plugin.close());
  return plugin;
}

test('a client without a name is refused, and the upstream is not asked', async (t) => {
  const plugin = await open(t, {});
  const { status, body, upstream } = await plugin.request();
  assert.equal(status, 400);
  assert.deepEqual(JSON.parse(body), { message: 'X-Client is missing' });
  assert.equal(upstream, undefined);
});

test('only names of the list may call', async (t) => {
  const plugin = await open(t, { header: 'X-App', allow: ['shop'] });
  assert.equal((await plugin.request({ headers: { 'X-App': 'other' } })).status, 403);
  const { status, headers, upstream } = await plugin.request({ headers: { 'X-App': 'shop' } });
  assert.equal(status, 200);
  assert.equal(upstream?.headers.get('X-Checked-By'), 'check-client');
  assert.equal(headers.get('X-Plugin'), 'check-client');
});

test('a config that is wrong is refused', async (t) => {
  await assert.rejects(open(t, { header: '' }), { code: 'ERR_CONFIG' });
});
