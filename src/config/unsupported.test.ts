/** What this version does not run is refused by name, each rule on its own and with a way out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyDefaults } from './defaults.ts';
import { ENTITY_KINDS, PLUGIN_NAMES } from './schemas.ts';
import type { EntityKind } from './types.ts';
import { enterpriseAdvice } from './enterprise.ts';
import { pluginNameProblem, unknownFieldHint, unsupportedIssues } from './unsupported.ts';

for (const [kind, value, path, message] of [
  ['services', { protocol: 'tcp' }, 'protocol', /use 'http' or 'https'/],
  ['services', { protocol: 'tls_passthrough' }, 'protocol', /use 'http' or 'https'/],
  ['routes', { protocols: ['udp'] }, 'protocols', /use 'http' or 'https'/],
  ['routes', { sources: [{ port: 1 }] }, 'sources', /'sources' .* remove it/],
  ['routes', { destinations: [{ port: 1 }] }, 'destinations', /'destinations' .* remove it/],
  [
    'jwt_secrets',
    { secret: '{vault://env/jwt}' },
    'secret',
    /would be the secret; write the value/,
  ],
  ['keyauth_credentials', { key: '{vault://env/k}' }, 'key', /would be the secret/],
  ['basicauth_credentials', { password: '{vault://env/p}' }, 'password', /would be the secret/],
  ['hmacauth_credentials', { secret: '{vault://env/h}' }, 'secret', /would be the secret/],
] as const satisfies readonly (readonly [EntityKind, object, string, RegExp])[]) {
  test(`${kind} ${JSON.stringify(value)} is refused at ${path}`, () => {
    const [issue, ...more] = unsupportedIssues(kind, applyDefaults(kind, { ...value }));
    assert.equal(issue?.path.join('.'), path);
    assert.match(issue.message, message);
    assert.deepEqual(more, []);
  });
}

test('defaults are supported, gRPC entities load', () => {
  for (const kind of ENTITY_KINDS) {
    assert.deepEqual(unsupportedIssues(kind, applyDefaults(kind, {})), [], kind);
  }
  const grpc = applyDefaults('routes', { protocols: ['grpc', 'grpcs'] });
  assert.deepEqual(unsupportedIssues('routes', grpc), []);
  assert.deepEqual(
    unsupportedIssues('services', applyDefaults('services', { protocol: 'grpc' })),
    [],
  );
});

test('a plugin is in this build, of another Kong, or unknown', () => {
  for (const name of PLUGIN_NAMES) assert.equal(pluginNameProblem(name), undefined);
  assert.match(pluginNameProblem('oauth2')?.message ?? '', /^plugin 'oauth2' is not supported/);
  const unknown = "plugin 'x' not enabled; add it to the 'plugins' configuration property";
  assert.equal(pluginNameProblem('x')?.message, unknown);
  const disabled = pluginNameProblem('jwt', { enabledPlugins: new Set(['key-auth']) });
  assert.equal(disabled?.message, unknown.replace("'x'", "'jwt'"));
  const enabled = pluginNameProblem('jwt', { enabledPlugins: new Set(['jwt']) });
  assert.equal(enabled, undefined);
});

test('what belongs to Kong Enterprise is named, with what to do instead', () => {
  assert.equal(enterpriseAdvice('openid-connect'), "use 'jwt', or remove the entry");
  assert.match(enterpriseAdvice('canary') ?? '', /weighted targets/);
  assert.equal(enterpriseAdvice('opa'), 'remove the entry');
  for (const name of [...PLUGIN_NAMES, 'x']) assert.equal(enterpriseAdvice(name), undefined);
  assert.match(unknownFieldHint('services', 'tls_sans') ?? '', /Enterprise/);
  assert.match(unknownFieldHint('document', 'partials') ?? '', /Enterprise/);
});
