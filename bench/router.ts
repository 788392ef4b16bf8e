/** Prints nanoseconds per lookup of the router, by number of routes and kind of configuration. */
import type { Route } from '../src/config/types.ts';
import { compileRouter } from '../src/router/compile.ts';
import { idOf, question, route } from '../src/router/routes.test.fixture.ts';
import type { RouteQuestion } from '../src/router/types.ts';

const COUNTS = [10, 1000, 5000];
const ROUNDS = 200_000;

interface Shape {
  readonly name: string;
  readonly route: (n: number) => Partial<Route>;
  readonly question: (n: number) => Partial<RouteQuestion>;
}

const SHAPES: readonly Shape[] = [
  {
    name: 'host',
    route: (n) => ({ hosts: [`tenant-${n}.example.test`] }),
    question: (n) => ({ host: `tenant-${n}.example.test`, path: '/orders/42' }),
  },
  {
    name: 'prefix',
    route: (n) => ({ paths: [`/api/service-${n}`] }),
    question: (n) => ({ path: `/api/service-${n}/items/7` }),
  },
  {
    name: 'regex',
    route: (n) => ({ paths: [`~/api/service-${n}/(?<id>\\d+)$`] }),
    question: (n) => ({ path: `/api/service-${n}/712` }),
  },
  {
    name: 'header',
    route: (n) => ({ paths: ['/api'], headers: { 'x-tenant': [`tenant-${n}`] } }),
    question: (n) => ({ path: '/api/x', headers: ['Accept', '*/*', 'X-Tenant', `tenant-${n}`] }),
  },
  {
    name: 'mixed',
    route: (n) =>
      [
        { hosts: [`*.zone-${n}.test`], paths: ['/v1', '/v2/long'] },
        { hosts: [`h-${n}.test`], methods: ['GET', 'POST'] },
        { paths: [`/p-${n}`, `~/r-${n}/\\d+`], headers: { 'x-tier': ['gold'] } },
        { paths: [`/p-${n}/deeper`] },
      ][n % 4] ?? {},
    question: (n) =>
      [
        { host: `a.zone-${n}.test`, path: '/v2/long/x' },
        { host: `h-${n}.test:8000`, path: '/' },
        { path: `/r-${n}/5`, headers: ['Accept', '*/*', 'X-Tier', 'gold'] },
        { path: `/p-${n}/deeper/still` },
      ][n % 4] ?? {},
  },
  {
    name: 'miss',
    route: (n) => ({ hosts: [`*.zone-${n}.test`], paths: [`/p-${n}`] }),
    question: (n) => ({ host: `www.a-${n}.zone.example.test`, path: `/q-${n}/a/b` }),
  },
];

/** Targets are numbers, so that the answers cannot be optimised away. */
function nanosecondsPerLookup(shape: Shape, count: number): number {
  const router = compileRouter(
    Array.from({ length: count }, (_, n) => ({
      route: route({ ...shape.route(n), id: idOf(n) }),
      target: n,
    })),
  );
  const questions = Array.from({ length: 1024 }, (_, i) =>
    question(shape.question((i * 7919) % count)),
  );
  let found = 0;
  const ask = () => {
    for (let i = 0; i < ROUNDS; i++) {
      const next = questions[i & 1023];
      if (next !== undefined && router.match(next) !== undefined) found++;
    }
  };
  ask();
  const started = performance.now();
  ask();
  const elapsed = ((performance.now() - started) * 1e6) / ROUNDS;
  if ((shape.name === 'miss') !== (found === 0)) throw new Error(`${shape.name}: ${found} found`);
  return elapsed;
}

process.stdout.write(`ns per lookup | ${COUNTS.join(' | ')} routes\n`);
for (const shape of SHAPES) {
  const row = COUNTS.map((count) => nanosecondsPerLookup(shape, count).toFixed(0));
  process.stdout.write(`${shape.name.padEnd(13)} | ${row.join(' | ')}\n`);
}
