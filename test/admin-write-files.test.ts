/** What writes of the Admin API do to files: several, JSON, edited by hand, with references, behind links. */
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGateway } from '../src/index.ts';
import { member, writableGateway } from './support/admin-write.ts';
import { until } from './support/until.ts';

test('a write changes the lines it is about and no others', async (t) => {
  const before = `# head
_format_version: '3.0'   # quotes and spaces stay

services:
- name: a          # the first
  url: "http://\${HOST:-a.test}:8080/x"
  routes:
  - name: r
    paths: [ "/r" ]   # short

# between
- {name: b, host: b.test}
consumers:
# ann
- username: ann
  keyauth_credentials:
  - key: \${KEY:-k}
`;
  const gateway = await writableGateway(t, { files: { 'kong.yaml': before } });
  const ok = async (...call: Parameters<typeof gateway.ask>): Promise<void> => {
    const { status, text } = await gateway.ask(...call);
    assert.ok(status < 300, text);
  };
  await ok('PATCH', '/services/a', { retries: 2, host: 'a.test', port: 8080 });
  await ok('PATCH', '/routes/r', { paths: ['/r', '/s'] });
  await ok('PATCH', '/services/b', { name: 'c' });
  await ok('POST', '/consumers/ann/acls', { group: '${HOME}', created_at: 1 });
  assert.equal(
    gateway.text(),
    before
      .replace('8080/x"\n', '8080/x"\n  retries: 2\n')
      .replace('[ "/r" ]', '[ "/r", /s ]')
      .replace('{name: b, host: b.test}', '{name: c, host: b.test, id: ID}')
      .replace('${KEY:-k}\n', '${KEY:-k}\n  acls:\n  - created_at: 1\n    group: $$$${HOME}\n')
      .replace('ID', String(member((await gateway.ask('GET', '/services/c')).json, 'id'))),
  );
  assert.equal(member((await gateway.ask('GET', '/acls')).json, 'data', 0, 'group'), '${HOME}');
  await ok('PATCH', '/services/a', { path: '/y' });
  assert.match(gateway.text(), /host: \$\{HOST:-a\.test\}|host: a\.test/);
});

test('an entity is written into the file of its parent, a new root into the first', async (t) => {
  const gateway = await writableGateway(t, {
    files: {
      'one.yaml': '_format_version: "3.0"\nservices:\n  - name: a\n    host: a\n',
      'two.json':
        '{\n  "_format_version": "3.0",\n  "consumers": [\n    {\n      "username": "ann"\n    }\n  ]\n}\n',
    },
  });
  assert.equal(
    (await gateway.ask('POST', '/consumers/ann/acls', { group: 'g', created_at: 7 })).status,
    201,
  );
  assert.equal(
    (await gateway.ask('POST', '/consumers', { username: 'bob', created_at: 7 })).status,
    201,
  );
  assert.equal(
    gateway.text('two.json'),
    '{\n  "_format_version": "3.0",\n  "consumers": [\n    {\n      "username": "ann",\n      "acls": [\n        {\n          "created_at": 7,\n          "group": "g"\n        }\n      ]\n    }\n  ]\n}\n',
  );
  assert.equal(
    gateway.text('one.yaml'),
    '_format_version: "3.0"\nservices:\n  - name: a\n    host: a\nconsumers:\n  - username: bob\n    created_at: 7\n',
  );
});

test('what was edited by hand is part of the next write; what cannot be loaded is left alone', async (t) => {
  const gateway = await writableGateway(t);
  gateway.edit('_format_version: "3.0"\nservices:\n  - name: mine # by hand\n    host: h\n');
  assert.equal((await gateway.ask('POST', '/services', { name: 'mine', host: 'x' })).status, 409);
  assert.equal((await gateway.ask('POST', '/services', { name: 'new', host: 'x' })).status, 201);
  assert.match(gateway.text(), /name: mine # by hand\n {4}host: h\n {2}- name: new\n/);
  assert.equal((await gateway.ask('GET', '/services/mine')).status, 200);
  const broken = '_format_version: "3.0"\nservices:\n  - name: [\n';
  gateway.edit(broken);
  const answer = await gateway.ask('POST', '/consumers', { username: 'ann' });
  assert.equal(answer.status, 409, answer.text);
  assert.match(answer.text, /edited by hand and cannot be loaded/);
  assert.equal(gateway.text(), broken);
  assert.equal((await gateway.ask('GET', '/services/mine')).status, 200);
});

test('a refused write never shows up in the file', async (t) => {
  const gateway = await writableGateway(t);
  const before = gateway.text();
  for (const [path, body] of [
    ['/services', { name: 'a', host: 'a', protocol: 'tcp' }],
    ['/routes', { name: 'r', paths: ['~/('] }],
    ['/plugins', { name: 'jwt', config: { x: 1 } }],
  ] as const) {
    const { status, text } = await gateway.ask('POST', path, body);
    assert.equal(status, 400, text);
    assert.equal(member(JSON.parse(text), 'code'), 2);
  }
  assert.equal(gateway.text(), before);
  assert.deepEqual(readdirSync(gateway.folder), ['kong.yaml']);
});

test('the mode of the file and a link to it stay', async (t) => {
  const gateway = await writableGateway(t);
  const target = join(gateway.folder, 'real.yaml');
  renameSync(gateway.file, target);
  symlinkSync('real.yaml', gateway.file);
  chmodSync(target, 0o640);
  assert.equal((await gateway.ask('POST', '/consumers', { username: 'ann' })).status, 201);
  assert.ok(lstatSync(gateway.file).isSymbolicLink());
  assert.equal(statSync(target).mode & 0o777, 0o640);
  assert.match(gateway.text('real.yaml'), /username: ann/);
});

test('fifty writes at once are all in the file and served', async (t) => {
  const gateway = await writableGateway(t, { settings: { watch: 'on' } });
  const names = Array.from({ length: 50 }, (_, n) => `c${n}`);
  const answers = await Promise.all(
    names.map((username) => gateway.ask('POST', '/consumers', { username })),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  const again = await gateway.restarted();
  for (const ask of [gateway.ask, again.ask]) {
    const { json } = await ask('GET', '/consumers?size=100');
    const data = member(json, 'data');
    assert.equal(Array.isArray(data) ? data.length : 0, names.length);
  }
});

test('a change by hand after a write is loaded by the watch', async (t) => {
  const gateway = await writableGateway(t, { settings: { watch: 'on' } });
  assert.equal((await gateway.ask('POST', '/consumers', { username: 'ann' })).status, 201);
  gateway.edit(`${gateway.text()}  - username: bob\n`);
  await until(async () => (await gateway.ask('GET', '/consumers/bob')).status === 200);
  assert.equal((await gateway.ask('GET', '/consumers/ann')).status, 200);
});

test('passwords are shown as digests, and are digests in a file that says so', async (t) => {
  for (const transform of [true, false]) {
    const gateway = await writableGateway(t, {
      files: { 'kong.yaml': `_format_version: "3.0"\n_transform: ${transform}\n` },
    });
    await gateway.ask('POST', '/consumers', { username: 'ann' });
    const { json } = await gateway.ask('POST', '/consumers/ann/basic-auth', {
      username: 'ann',
      password: 'secret',
    });
    assert.match(String(member(json, 'password')), /^[\da-f]{40}$/);
    assert.match(gateway.text(), transform ? /password: secret/ : /password: "?[\da-f]{40}/);
  }
});

test('without a file there is nothing to write to, and what was posted is in no file', async (t) => {
  const gateway = await startGateway({
    settings: { admin_write: 'on' },
    config: '_format_version: "3.0"\n',
  });
  t.after(() => gateway.close());
  const url = `http://127.0.0.1:${gateway.admin[0]?.port ?? 0}`;
  const res = await fetch(`${url}/consumers`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'a' }),
  });
  assert.equal(res.status, 405);
  assert.match(await res.text(), /there is no declarative file to write to/);

  const other = await writableGateway(t);
  const posted = { _format_version: '3.0', consumers: [{ username: 'posted' }] };
  assert.equal((await other.ask('POST', '/config', posted)).status, 201);
  const refused = await other.ask('POST', '/consumers', { username: 'ann' });
  assert.equal(refused.status, 409);
  assert.match(refused.text, /POST \/config/);
});

test('a file that is missing is made; one of comments becomes a document', async (t) => {
  const gateway = await writableGateway(t, { files: { 'kong.yaml': '# mine\n' } });
  assert.equal(gateway.text(), '# mine\n_format_version: "3.0"\n');
  const made = await writableGateway(t, { files: {}, paths: ['new.yaml'] });
  assert.equal(made.text('new.yaml'), '_format_version: "3.0"\n');
  assert.equal((await made.ask('POST', '/consumers', { username: 'ann' })).status, 201);
});

test('deck’s and older files: what they would change is refused', async (t) => {
  const gateway = await writableGateway(t, {
    files: { 'kong.yaml': '_format_version: "1.1"\nservices:\n- name: a\n  host: a\n' },
  });
  assert.equal(
    (await gateway.ask('POST', '/services/a/routes', { paths: ['/plain'] })).status,
    201,
  );
  const { status, text } = await gateway.ask('POST', '/services/a/routes', { paths: ['~/v\\d'] });
  assert.equal(status, 409, text);
  assert.doesNotMatch(gateway.text(), /v\\d/);
});
