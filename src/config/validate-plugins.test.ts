/** What is refused of plugins and their config. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLUGIN_NAMES } from './schemas.ts';
import { UUID, given, show, table, type Case } from './validate.test.fixture.ts';
import { validatePluginConfig } from './validate.ts';

const LDAP = `name: plugin 'ldap-auth' is not supported by this version, which has: ${PLUGIN_NAMES.join(', ')}; remove the entry`;
const EXP = [
  'config.claims_to_verify: expected to contain: exp',
  given('config.maximum_expiration'),
];
const CONTROL = (field: string) =>
  `config.${field}: a header cannot hold line breaks and other control characters`;

table('plugins', [
  ['no config', { name: 'jwt' }, []],
  ['null and empty config', { name: 'jwt', config: null }, []],
  ['list for a config', { name: 'jwt', config: [] }, []],
  ['text for a config', { name: 'jwt', config: 'x' }, ['config: expected a record']],
  ['no name', { config: { a: 1 } }, ['name: required field missing']],
  [
    'unknown name',
    { name: 'x', config: { a: 1 } },
    ["name: plugin 'x' not enabled; add it to the 'plugins' configuration property"],
  ],
  ['not in this build', { name: 'ldap-auth', consumer: 'c' }, [LDAP]],
  [
    'not enabled',
    { name: 'jwt' },
    ["name: plugin 'jwt' not enabled; add it to the 'plugins' configuration property"],
    { enabledPlugins: new Set(['key-auth']) },
  ],
  ['unknown setting', { name: 'jwt', config: { bogus: 1 } }, ['config.bogus: unknown field']],
  [
    'bad element',
    { name: 'jwt', config: { claims_to_verify: ['iat'] } },
    ['config.claims_to_verify.0: expected one of: exp, nbf'],
  ],
  [
    'maximum without exp',
    { name: 'jwt', config: { maximum_expiration: 5, claims_to_verify: ['nbf'] } },
    EXP,
  ],
  [
    'maximum without any claim',
    { name: 'jwt', config: { maximum_expiration: 5, claims_to_verify: [] } },
    EXP,
  ],
  [
    'maximum with null claims',
    { name: 'jwt', config: { maximum_expiration: 5, claims_to_verify: null } },
    [],
  ],
  [
    'the range wins',
    { name: 'jwt', config: { maximum_expiration: -1, claims_to_verify: [] } },
    ['config.maximum_expiration: value should be between 0 and 31536000'],
  ],
  [
    'authentication for a consumer',
    { name: 'jwt', consumer: 'c' },
    ['consumer: value must be null'],
  ],
  [
    'authentication in a consumer',
    { name: 'jwt' },
    ['consumer: value must be null'],
    { nestedIn: 'consumers' },
  ],
  ['termination in a consumer', { name: 'request-termination' }, [], { nestedIn: 'consumers' }],
  ['termination in a group', { name: 'request-termination' }, [], { nestedIn: 'consumer_groups' }],
  [
    'a second scope inside a service',
    { name: 'request-termination', consumer: 'c' },
    ['consumer: value must be null'],
    { nestedIn: 'services' },
  ],
  [
    'a second scope by id',
    { name: 'request-termination', consumer: { id: UUID } },
    [],
    { nestedIn: 'services' },
  ],
  [
    'protocols of the plugin',
    { name: 'jwt', protocols: ['http', 'tcp'] },
    ['protocols.1: expected one of: grpc, grpcs, http, https'],
  ],
  [
    'key name',
    { name: 'key-auth', config: { key_names: ['my key'] } },
    [
      "config.key_names.0: bad header name 'my key', allowed characters are A-Z, a-z, 0-9, '_', and '-'",
    ],
  ],
  [
    'message and body',
    { name: 'request-termination', config: { message: 'a', body: 'b' } },
    ['@entity: message cannot be used with content_type or body'],
  ],
  [
    'type without body',
    { name: 'request-termination', config: { content_type: 'a/b' } },
    ['@entity: content_type requires a body'],
  ],
  [
    'echo and body',
    { name: 'request-termination', config: { echo: true, body: 'b' } },
    ['@entity: echo cannot be used with content_type and body'],
  ],
  [
    'generator',
    { name: 'correlation-id', config: { generator: 'x' } },
    ['config.generator: expected one of: uuid, uuid#counter, tracker'],
  ],
  ...[100, 101, 199].map((status): Case => [
    `an answer of status ${status}`,
    { name: 'request-termination', config: { status_code: status } },
    [`config.status_code: ${status} ends no request, use 200 to 599`],
  ]),
  [
    'a name that no header may have',
    { name: 'correlation-id', config: { header_name: 'a b' } },
    ["config.header_name: 'a b' is no header name (RFC 9110 section 5.1)"],
  ],
  ['a name with dots', { name: 'correlation-id', config: { header_name: 'X.Request.Id' } }, []],
  ...(['jwt', 'key-auth'] as const).flatMap((name): Case[] => [
    [
      `${name}: line break in the realm`,
      { name, config: { realm: 'a\nX: y' } },
      [CONTROL('realm')],
    ],
    [`${name}: a realm in words`, { name, config: { realm: 'the Ωmega "zoo"' } }, []],
  ]),
  [
    'line break in the type',
    { name: 'request-termination', config: { body: 'x', content_type: 'a/b\r\nX: y' } },
    [CONTROL('content_type')],
  ],
]);

test('the config of a plugin can be checked alone', () => {
  assert.deepEqual(show(validatePluginConfig('jwt', { bogus: 1 })), [
    'config.bogus: unknown field',
  ]);
  assert.deepEqual(
    show(validatePluginConfig('jwt', { maximum_expiration: 5, claims_to_verify: [] })),
    EXP,
  );
  assert.deepEqual(show(validatePluginConfig('jwt', undefined)), []);
  assert.deepEqual(show(validatePluginConfig('ldap-auth', { any: 1 })), []);
});
