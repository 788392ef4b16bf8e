/** The redirect plugin: where to, and with what path. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, runPlugin, testFields } from '../../gateway/plugin-run.test.fixture.ts';
import { redirect } from './index.ts';

const location = 'https://new.test/there?x=1';

testFields(redirect, [
  {
    field: 'status_code',
    set: { location, status_code: 308 },
    unset: { location },
    expect: ({ answer }) => assert.equal(answer?.status, 308),
  },
  {
    field: 'location',
    set: { location },
    unset: { location: 'https://old.test' },
    expect: ({ answer }) =>
      assert.deepEqual(answer, {
        kind: 'exit',
        status: 301,
        headers: ['Location', location],
        body: 'redirecting',
      }),
  },
  {
    field: 'keep_incoming_path',
    set: { location, keep_incoming_path: true },
    unset: { location },
    request: { target: '/a/b?c=d&e' },
    expect: ({ headers }) => assert.deepEqual(headers, ['Location', 'https://new.test/a/b?c=d&e']),
  },
]);

const KEPT: readonly (readonly [string, string, string])[] = [
  ['https://new.test', '/', 'https://new.test/'],
  ['https://new.test/there?x=1', '/a', 'https://new.test/a'],
  ['https://new.test:8443/there#part', '/a?b', 'https://new.test:8443/a?b#part'],
  ['http://new.test', '/a%20b/%C3%A9?q=%20', 'http://new.test/a%20b/%C3%A9?q=%20'],
  ['http://new.test/?x=1', '/a?', 'http://new.test/a'],
  ['http://new.test', '//evil.test/x', 'http://new.test//evil.test/x'],
];

for (const [to, target, expected] of KEPT) {
  test(`${target} goes to ${expected}`, async () => {
    const config = { location: to, keep_incoming_path: true };
    const { headers } = await runPlugin(redirect, config, { request: { target } });
    assert.deepEqual(headers, ['Location', expected]);
  });
}

test('a location that is none is refused when the config loads', async () => {
  assert.deepEqual(problemsOf(redirect, {}), ['config.location: required field missing']);
  assert.deepEqual(problemsOf(redirect, { location: '/there' }), [
    'config.location: missing host in url',
  ]);
  assert.deepEqual(problemsOf(redirect, { location: '//new.test/' }), [
    'config.location: missing scheme in url',
  ]);
  assert.equal(problemsOf(redirect, { location: 'http://a.test/\r\nX: y' }).length, 1);
  await assert.rejects(runPlugin(redirect, { location: 'http://a b', keep_incoming_path: true }), {
    issues: [
      { path: ['location'], message: "'http://a b' is no URL whose path could be replaced" },
    ],
  });
  await assert.rejects(runPlugin(redirect, { location, status_code: 101 }), {
    issues: [{ path: ['status_code'], message: '101 ends no request, use 300 to 399' }],
  });
});
