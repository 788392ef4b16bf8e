/** The Admin API that writes: the lines of the JWT article, and a file that a fresh start serves alike. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { startOrigin } from './support/origin.ts';
import { member, writableGateway } from './support/admin-write.ts';

const form = (fields: Record<string, string>): URLSearchParams => new URLSearchParams(fields);

const withoutLoad = (text: string): string => text.replaceAll(/"updated_at":[\d.]+,?/g, '');

/** Everything that the API shows but the time of the last load. */
const COLLECTIONS = ['services', 'routes', 'plugins', 'consumers', 'jwts', 'acls'] as const;

test('the JWT article, and its file in a fresh start', async (t) => {
  const origin = await startOrigin(t);
  const gateway = await writableGateway(t, {
    files: { 'kong.yaml': '# mine\n_format_version: "3.0"\n' },
  });
  const { ask, proxyUrl } = gateway;
  const status = async (path: string, headers = {}): Promise<number> =>
    (await fetch(`${proxyUrl}${path}`, { headers })).status;
  const created = async (path: string, body?: object): Promise<unknown> => {
    const answer = await ask('POST', path, body);
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  };
  await created('/services', { name: 'jwt-service', url: `${origin.url}/anything` });
  await created('/services/jwt-service/routes', { name: 'jwt-route', paths: ['/jwt'] });
  assert.equal(await status('/jwt'), 200);
  await created('/plugins', form({ name: 'jwt' }));
  assert.equal(await status('/jwt'), 401);
  await created('/consumers', form({ username: 'jwt-user' }));
  const generated = await created('/consumers/jwt-user/jwt');
  assert.match(String(member(generated, 'key')), /^[A-Za-z0-9]{32}$/);
  assert.match(String(member(generated, 'secret')), /^[A-Za-z0-9]{32}$/);
  await created(
    '/consumers/jwt-user/jwt',
    form({ key: 'Mt4RTRWJk9pfWJpgthP4sHhcqR4hFKzK', secret: 'J3NKsJgt79tcLRfLWwVMJvVnTFk7WskW' }),
  );
  const token =
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNdDRSVFJXSms5cGZXSnBndGhQNHNIaGNxUjRoRkt6SyJ9.pCV1wm3VixWkZ_Nh24v4RSQjvYhpb5vJp_LeTRZnF2o';
  assert.equal(await status('/jwt', { authorization: `Bearer ${token}` }), 200);
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const upload = new FormData();
  upload.set(
    'rsa_public_key',
    new Blob([publicKey.export({ type: 'spki', format: 'pem' })]),
    'jwt-public.pem',
  );
  upload.set('algorithm', 'RS256');
  upload.set('key', 'test-key');
  await created('/consumers/jwt-user/jwt', upload);

  assert.match(
    gateway.text(),
    /^# mine\n_format_version: "3.0"\nservices:\n {2}- name: jwt-service\n {4}url: /,
  );
  const again = await gateway.restarted();
  for (const collection of COLLECTIONS) {
    const [before, after] = [
      await ask('GET', `/${collection}`),
      await again.ask('GET', `/${collection}`),
    ];
    assert.equal(withoutLoad(after.text), withoutLoad(before.text), collection);
  }
});
