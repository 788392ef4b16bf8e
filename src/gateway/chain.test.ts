/** Plugin precedence: which entry of a name applies, and the order of names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PluginEntity } from '../config/types.ts';
import type { PluginPhases } from '../plugin.ts';
import { createChainCompiler, type CompiledPlugin } from './chain.ts';

interface Scope {
  readonly route?: string;
  readonly service?: string;
  readonly consumer?: string;
  readonly group?: string;
}

const names = new WeakMap<PluginPhases, string>();
const ref = (id: string | undefined): { id: string } | null => (id === undefined ? null : { id });

function entry(label: string, scope: Scope, name = 'p', priority = 10): CompiledPlugin {
  const phases: PluginPhases = { access: () => undefined };
  names.set(phases, label);
  const entity: PluginEntity = {
    id: label,
    name,
    instance_name: null,
    enabled: true,
    protocols: ['http', 'https'],
    config: {},
    route: ref(scope.route),
    service: ref(scope.service),
    consumer: ref(scope.consumer),
    consumer_group: ref(scope.group),
    tags: null,
    created_at: 0,
    updated_at: 0,
  };
  return { entity, priority, phases };
}

const labels = (chain: readonly (PluginPhases | undefined)[]): (string | undefined)[] =>
  chain.map((phases) => (phases === undefined ? undefined : names.get(phases)));

/** From the most specific to the least. */
const ORDER: readonly [string, Scope][] = [
  ['c+r+s', { consumer: 'c', route: 'r', service: 's' }],
  ['g+r+s', { group: 'g', route: 'r', service: 's' }],
  ['c+r', { consumer: 'c', route: 'r' }],
  ['c+s', { consumer: 'c', service: 's' }],
  ['g+r', { group: 'g', route: 'r' }],
  ['g+s', { group: 'g', service: 's' }],
  ['r+s', { route: 'r', service: 's' }],
  ['c', { consumer: 'c' }],
  ['g', { group: 'g' }],
  ['r', { route: 'r' }],
  ['s', { service: 's' }],
  ['global', {}],
];

for (let i = 0; i < ORDER.length; i++) {
  test(`${ORDER[i]?.[0]} wins over all that is less specific`, () => {
    const plugins = ORDER.slice(i)
      .map(([label, scope]) => entry(label, scope))
      .toReversed();
    const chain = createChainCompiler(plugins, () => ['g']).compile('r', 's');
    assert.deepEqual(labels(chain.forConsumer('c')), [ORDER[i]?.[0]]);
  });
}

test('before a consumer is known only entries without one apply', () => {
  const plugins = [entry('consumer', { consumer: 'c' }), entry('route', { route: 'r' })];
  const chain = createChainCompiler(plugins, () => []).compile('r', 's');
  assert.deepEqual(labels(chain.base), ['route']);
  assert.deepEqual(labels(chain.forConsumer('c')), ['consumer']);
  assert.deepEqual(labels(chain.forConsumer('other')), ['route']);
});

test('places stay aligned when an entry exists for consumers only', () => {
  const plugins = [entry('auth', {}, 'auth', 20), entry('limit', { consumer: 'c' }, 'limit', 10)];
  const chain = createChainCompiler(plugins, () => []).compile('r', undefined);
  assert.deepEqual(labels(chain.base), ['auth', undefined]);
  assert.deepEqual(labels(chain.forConsumer('c')), ['auth', 'limit']);
});

test('higher priorities run first, equal ones by name downwards', () => {
  const plugins = [entry('a', {}, 'a', 5), entry('z', {}, 'z', 5), entry('m', {}, 'm', 9)];
  assert.deepEqual(labels(createChainCompiler(plugins, () => []).compile('r', 's').base), [
    'm',
    'z',
    'a',
  ]);
});

test('a request without a route has global entries only', () => {
  const plugins = [
    entry('route', { route: 'r' }),
    entry('service', { service: 's' }),
    entry('global', {}, 'q'),
  ];
  assert.deepEqual(
    labels(createChainCompiler(plugins, () => []).compile(undefined, undefined).base),
    ['global'],
  );
});

test('an entry for a route and another service never applies', () => {
  const plugins = [entry('mismatch', { route: 'r', service: 'other' })];
  assert.deepEqual(labels(createChainCompiler(plugins, () => []).compile('r', 's').base), []);
});

/** How often entries are looked at when there are so many routes, services and consumers, each with one of its own. */
function entitiesRead(size: number): number {
  let reads = 0;
  const plugins = Array.from({ length: size }, (_, i) => [
    entry(`consumer-${i}`, { consumer: `c${i}` }, 'limit'),
    entry(`service-${i}`, { service: `s${i}` }),
    entry(`route-${i}`, { route: `r${i}` }),
  ]).flat();
  const counted = plugins.map(({ entity, priority, phases }): CompiledPlugin => ({
    priority,
    phases,
    get entity() {
      reads++;
      return entity;
    },
  }));
  const chains = createChainCompiler(counted, () => []);
  for (let i = 0; i < size; i++) {
    assert.equal(chains.compile(`r${i}`, `s${i}`).forConsumer(`c${i}`).length, 2);
    assert.equal(chains.compile(`other-${i}`, undefined).base.length, 1);
  }
  return reads;
}

test('the work grows with routes and entries, not with their product', () => {
  const [small, large] = [entitiesRead(20), entitiesRead(200)];
  assert.ok(large <= small * 11, `${small} reads for 20 of each, ${large} for 200`);
});

test('the choice behind a chain is the chain, with the entries that were passed over', () => {
  const plugins = ORDER.map(([label, scope]) => entry(label, scope)).toReversed();
  const chains = createChainCompiler(plugins, () => ['g']);
  for (const consumer of ['c', undefined]) {
    const subject = { route: 'r', service: 's', consumer };
    const chain = chains.compile('r', 's');
    const running = consumer === undefined ? chain.base : chain.forConsumer(consumer);
    const choices = chains.choices(subject);
    assert.deepEqual(
      choices.map(({ chosen }) => chosen.phases),
      running.filter((phases) => phases !== undefined),
    );
    const ranked = ORDER.map(([label]) => label);
    const passedOver = labels(choices.flatMap((choice) => choice.passedOver.map((p) => p.phases)));
    const places = passedOver.map((label) => ranked.indexOf(label ?? ''));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.equal(passedOver.length, consumer === undefined ? 3 : ORDER.length - 1);
  }
});
