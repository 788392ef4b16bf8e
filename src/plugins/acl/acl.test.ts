/** The acl plugin: groups of consumers, of other plugins, and of nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Acl } from '../../config/schema-types.ts';
import { fakeBuild, fakeConsumer } from '../../gateway/fake-context.test.fixture.ts';
import {
  problemsOf,
  runPlugin,
  testFields,
  type RunOptions,
} from '../../gateway/plugin-run.test.fixture.ts';
import type { RequestContext } from '../../plugin.ts';
import { acl } from './index.ts';

const ann = fakeConsumer('ann');
const lone = fakeConsumer('lone');
const member = (group: string): Acl => ({
  id: `acl-${group}`,
  created_at: 0,
  consumer: { id: ann.id },
  group,
  tags: null,
});
const gold = { id: 'g', created_at: 0, updated_at: 0, name: 'gold', tags: null };
const build = fakeBuild({
  consumers: [ann, lone],
  acls: [member('staff'), member('émigrés')],
  groups: new Map([[ann.id, [gold]]]),
});

const as =
  (consumer = ann) =>
  (ctx: RequestContext): void =>
    ctx.authenticate(consumer, { id: 'credential', consumerId: consumer.id }, 'x');
const anonymous = (ctx: RequestContext): void => ctx.authenticate(ann);
const grouped =
  (groups: unknown, ...more: ((ctx: RequestContext) => void)[]) =>
  (ctx: RequestContext): void => {
    ctx.shared.set('authenticated_groups', groups);
    for (const step of more) step(ctx);
  };
const GROUPS = 'staff, \u00c3\u00a9migr\u00c3\u00a9s';

testFields(acl, [
  {
    field: 'allow',
    set: { allow: ['partners'] },
    unset: { allow: ['staff'] },
    before: as(),
    build,
    expect: ({ answer }) => assert.equal(answer?.status, 403),
  },
  {
    field: 'deny',
    set: { deny: ['staff'] },
    unset: { deny: ['partners'] },
    before: as(),
    build,
    expect: ({ answer }) => assert.equal(answer?.status, 403),
  },
  {
    field: 'hide_groups_header',
    set: { allow: ['staff'], hide_groups_header: true },
    unset: { allow: ['staff'] },
    before: as(),
    build,
    expect: ({ upstream }) => assert.deepEqual(upstream.headers, []),
  },
  {
    field: 'always_use_authenticated_groups',
    set: { allow: ['staff'], always_use_authenticated_groups: true },
    unset: { allow: ['staff'] },
    before: grouped(['guests'], as()),
    build,
    expect: ({ answer }) => assert.equal(answer?.status, 403),
  },
  {
    field: 'include_consumer_groups',
    set: { allow: ['gold'], include_consumer_groups: true },
    unset: { allow: ['gold'] },
    before: as(),
    build,
    expect: ({ upstream }) =>
      assert.deepEqual(upstream.headers, ['X-Consumer-Groups', `${GROUPS}, gold`]),
  },
]);

interface Case extends RunOptions {
  readonly name: string;
  readonly config: { readonly allow?: string[]; readonly deny?: string[] };
  readonly status?: number;
  readonly headers?: string[];
}

const allow = { allow: ['staff'] };
const CASES: readonly Case[] = [
  { name: 'nobody', config: allow, status: 401 },
  { name: 'nobody, deny', config: { deny: ['x'] }, status: 401 },
  { name: 'a member', config: allow, before: as(), headers: ['X-Consumer-Groups', GROUPS] },
  { name: 'no member', config: allow, before: as(lone), status: 403 },
  {
    name: 'no member, anonymous',
    config: allow,
    before: (ctx) => ctx.authenticate(lone),
    status: 401,
  },
  {
    name: 'no member, deny',
    config: { deny: ['x'] },
    before: as(lone),
    headers: ['X-Consumer-Groups', ''],
  },
  { name: 'another case', config: { allow: ['Staff'] }, before: as(), status: 403 },
  { name: 'an inherited name', config: { allow: ['constructor'] }, before: as(), status: 403 },
  {
    name: 'groups of a plugin',
    config: allow,
    before: grouped(['staff']),
    headers: ['X-Authenticated-Groups', 'staff'],
  },
  { name: 'other groups of a plugin', config: allow, before: grouped(['x']), status: 403 },
  {
    name: 'groups of a plugin, over those of the anonymous',
    config: { allow: ['vip'] },
    before: grouped(['vip'], anonymous),
    headers: ['X-Authenticated-Groups', 'vip'],
  },
  {
    name: 'groups of a plugin, under those of a consumer',
    config: { allow: ['vip'] },
    before: grouped(['vip'], as()),
    status: 403,
  },
  { name: 'groups that are no list', config: allow, before: grouped('staff'), status: 401 },
];

for (const { name, config, status, headers, ...options } of CASES) {
  test(`${name}: ${status ?? 'passes'}`, async () => {
    const spoofed = ['X-Consumer-Groups', 'staff', 'X-Authenticated-Groups', 'staff'];
    const observed = await runPlugin(acl, config, {
      ...options,
      build,
      request: { headers: spoofed },
    });
    assert.equal(observed.answer?.status, status);
    if (status === undefined) assert.deepEqual(observed.upstream.headers, headers);
    if (status === 403 && observed.answer?.kind === 'error') {
      assert.equal(observed.answer.message, 'You cannot consume this service');
    }
  });
}

test('one of the lists must be there, and only one', () => {
  const fields = "'config.allow', 'config.deny'";
  assert.deepEqual(problemsOf(acl, {}), [
    `: exactly one of these fields must be non-empty: ${fields}`,
    `: at least one of these fields must be non-empty: ${fields}`,
  ]);
  assert.equal(problemsOf(acl, { allow: [] }).length, 2);
  assert.deepEqual(problemsOf(acl, { allow: ['a'], deny: ['b'] }), [
    `: exactly one of these fields must be non-empty: ${fields}`,
  ]);
});
