/** The public API: a gateway in this process, and the check of a document. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsError, startGateway, validate } from './index.ts';

const CONFIG = `_format_version: "3.0"
routes:
  - name: r
    paths: [/]
    plugins: [{ name: request-termination, config: { status_code: 418, message: here } }]
`;

test('it serves the given config until it is closed', async (t) => {
  const gateway = await startGateway({ config: CONFIG });
  let isOpen = true;
  t.after(() => (isOpen ? gateway.close() : undefined));
  const [proxy] = gateway.proxy;
  const [admin] = gateway.admin;
  assert.ok(proxy !== undefined && admin !== undefined);
  const url = `http://127.0.0.1:${proxy.port}/`;
  const answer = await fetch(url, { headers: { Connection: 'close' } });
  assert.equal(answer.status, 418);
  assert.deepEqual(await answer.json(), { message: 'here' });
  const routes = await fetch(`http://127.0.0.1:${admin.port}/routes/r`);
  assert.equal(routes.status, 200);
  await gateway.close();
  isOpen = false;
  await assert.rejects(fetch(url));
});

test('settings that cannot be meant reject', async () => {
  await assert.rejects(startGateway({ settings: { headers: 'nope' } }), SettingsError);
});

test('validate lists problems, or none', () => {
  assert.deepEqual(validate(CONFIG), []);
  const [issue] = validate(CONFIG.replace('[/]', '[no-slash]'));
  assert.equal(issue?.position?.line, 4);
});
