/** Tests of the router: worked examples. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../config/types.ts';
import { compileRouter } from './compile.ts';
import { idOf, question, route } from './routes.test.fixture.ts';
import type { RouteQuestion } from './types.ts';

type Routes = Readonly<Record<string, Partial<Route>>>;

/** Names become targets; later ones have larger ids. */
const routerOf = (routes: Routes) =>
  compileRouter(
    Object.entries(routes).map(([name, fields], i) => ({
      route: route({ id: idOf(i + 1), ...fields }),
      target: name,
    })),
  );

interface Example {
  readonly title: string;
  readonly routes: Routes;
  readonly asked: readonly (readonly [Partial<RouteQuestion>, string | undefined])[];
}

const EXAMPLES: readonly Example[] = [
  {
    title: 'the longer prefix wins',
    routes: { A: { paths: ['/a'] }, B: { paths: ['/a/b'] } },
    asked: [
      [{ path: '/a/b/c' }, 'B'],
      [{ path: '/a/c' }, 'A'],
      [{ path: '/b/a' }, undefined],
    ],
  },
  {
    title: 'a regex beats an exact prefix',
    routes: { A: { paths: ['/a/b'] }, B: { paths: ['~/a/\\w+'] } },
    asked: [[{ path: '/a/b' }, 'B']],
  },
  {
    title: 'a plain host beats a path, also one with a method',
    routes: { A: { hosts: ['h.t'] }, B: { paths: ['/x'], methods: ['GET'] } },
    asked: [
      [{ host: 'h.t', path: '/x' }, 'A'],
      [{ path: '/x' }, 'B'],
    ],
  },
  {
    title: 'host and path beat a host',
    routes: { A: { hosts: ['h.t'] }, B: { hosts: ['h.t'], paths: ['/x'] } },
    asked: [[{ host: 'h.t', path: '/x' }, 'B']],
  },
  {
    title: 'a plain host beats a wildcard, even with a path or a regex',
    routes: {
      A: { hosts: ['*.h.t'], paths: ['/x'] },
      B: { hosts: ['a.h.t'] },
      C: { hosts: ['*.h.t'], paths: ['~/x'] },
    },
    asked: [
      [{ host: 'a.h.t', path: '/x' }, 'B'],
      [{ host: 'b.h.t', path: '/x' }, 'C'],
    ],
  },
  {
    title: 'a path beats a method',
    routes: { A: { methods: ['GET'] }, B: { paths: ['/'] } },
    asked: [[{ path: '/' }, 'B']],
  },
  {
    title: 'path and method beat a longer path, but not a regex',
    routes: {
      A: { paths: ['/a'], methods: ['GET'] },
      B: { paths: ['/a/b'] },
      C: { paths: ['~/a/c'] },
    },
    asked: [
      [{ path: '/a/b' }, 'A'],
      [{ path: '/a/c' }, 'C'],
      [{ path: '/a/b', method: 'PUT' }, 'B'],
    ],
  },
  {
    title: 'more headers win, before path length',
    routes: {
      A: { headers: { x: ['1'] }, paths: ['/long/path'] },
      B: { headers: { x: ['1'], y: ['2'] }, paths: ['/long'] },
    },
    asked: [
      [{ path: '/long/path', headers: ['x', '1', 'Y', '2'] }, 'B'],
      [{ path: '/long/path', headers: ['x', '1'] }, 'A'],
    ],
  },
  {
    title: 'regex_priority orders regexes and nothing else',
    routes: {
      A: { paths: ['~/a'] },
      B: { paths: ['~/a\\d*'], regex_priority: 5 },
      C: { paths: ['/p'], regex_priority: 100 },
      D: { paths: ['/pp'] },
    },
    asked: [
      [{ path: '/a1' }, 'B'],
      [{ path: '/ppp' }, 'D'],
    ],
  },
  {
    title: 'four attributes beat everything',
    routes: {
      A: { hosts: ['a.t'], paths: ['~/x'] },
      B: { hosts: ['*.t'], paths: ['/'], methods: ['GET'], headers: { x: ['1'] } },
    },
    asked: [
      [{ host: 'a.t', path: '/x', headers: ['x', '1'] }, 'B'],
      [{ host: 'a.t', path: '/x' }, 'A'],
    ],
  },
  {
    title: 'a negative regex_priority beats everything',
    routes: { A: { hosts: ['a.t'], paths: ['/x'] }, B: { paths: ['~/x'], regex_priority: -1 } },
    asked: [[{ host: 'a.t', path: '/x' }, 'B']],
  },
  {
    title: 'the larger id wins a tie, whatever has a port',
    routes: {
      A: { hosts: ['*.h.t'] },
      B: { hosts: ['*.h.t:81'] },
      C: { hosts: ['h.t:81'] },
      D: { hosts: ['h.t'] },
    },
    asked: [
      [{ host: 'x.h.t:81' }, 'B'],
      [{ host: 'x.h.t' }, 'A'],
      [{ host: 'h.t:81' }, 'D'],
    ],
  },
  {
    title: 'methods are exact and HEAD is not GET',
    routes: {
      A: { paths: ['/a'], methods: ['GET', 'POST'] },
      B: { paths: ['/a'], methods: ['DELETE'] },
    },
    asked: [
      [{ path: '/a', method: 'DELETE' }, 'B'],
      [{ path: '/a', method: 'POST' }, 'A'],
      [{ path: '/a', method: 'HEAD' }, undefined],
    ],
  },
  {
    title: 'server names count on TLS only',
    routes: { A: { snis: ['s.t', '*.w.t', 'p.*', 'dot.t.'] } },
    asked: [
      [{ scheme: 'https', serverName: 's.t' }, 'A'],
      [{ scheme: 'https', serverName: 'x.w.t' }, 'A'],
      [{ scheme: 'https', serverName: 'p.org' }, 'A'],
      [{ scheme: 'https', serverName: 'dot.t' }, 'A'],
      [{ scheme: 'https', serverName: 't.t' }, undefined],
      [{ scheme: 'https' }, undefined],
      [{ scheme: 'http' }, 'A'],
    ],
  },
  {
    title: 'hosts: ports, wildcards, case, IPv6',
    routes: {
      A: { hosts: ['a.t', 'p.t:8443', '*.w.t', 'r.*', '[::1]', 'd.t:8000'] },
    },
    asked: [
      [{ host: 'a.t' }, 'A'],
      [{ host: 'a.t:9999' }, 'A'],
      [{ host: 'A.t' }, undefined],
      [{ host: 'a.t.' }, undefined],
      [{ host: 'x.a.t' }, undefined],
      [{ host: 'p.t:8443' }, 'A'],
      [{ host: 'p.t' }, undefined],
      [{ host: 'p.t', port: 8443 }, 'A'],
      [{ host: 'x.y.w.t:1' }, 'A'],
      [{ host: 'w.t' }, undefined],
      [{ host: 'xw.t' }, undefined],
      [{ host: 'r.com' }, 'A'],
      [{ host: 'r' }, undefined],
      [{ host: 'ar.com' }, undefined],
      [{ host: '[::1]' }, 'A'],
      [{ host: '[::1]:80' }, undefined],
      [{ host: 'd.t' }, 'A'],
      [{ host: 'd.t:80' }, undefined],
      [{ host: '' }, undefined],
      [{ host: '.'.repeat(8000) }, undefined],
    ],
  },
  {
    title: 'headers: any line, any case, underscores before dashes',
    routes: {
      A: { headers: { 'x-env': ['Prod'], 'X-Ver': ['~*^v[0-9]+$', 'any'] } },
    },
    asked: [
      [{ headers: ['X-Env', 'PROD', 'x-ver', 'V12'] }, 'A'],
      [{ headers: ['x-env', 'dev', 'x-env', 'prod', 'x-ver', 'ANY'] }, 'A'],
      [{ headers: ['x-env', 'dev, prod', 'x-ver', 'any'] }, undefined],
      [{ headers: ['x-env', 'prod'] }, undefined],
      [{ headers: ['x_env', 'prod', 'x-ver', 'any'] }, 'A'],
      [{ headers: ['x_env', 'dev', 'x-env', 'prod', 'x-ver', 'any'] }, undefined],
      [
        {
          headers: [
            ...Array.from({ length: 100 }, () => ['n', 'v']).flat(),
            'x-env',
            'prod',
            'x-ver',
            'any',
          ],
        },
        undefined,
      ],
    ],
  },
  {
    title: 'header patterns are lower-cased',
    routes: { A: { headers: { v: ['~*^beta'] } }, B: { headers: { w: ['~*^\\D$'] } } },
    asked: [
      [{ headers: ['v', 'BETA-1'] }, 'A'],
      [{ headers: ['w', '1'] }, 'B'],
      [{ headers: ['w', 'a'] }, undefined],
    ],
  },
  {
    title: 'grpc routes take part',
    routes: { A: { protocols: ['grpc'], paths: ['/pkg.Service/'] } },
    asked: [[{ path: '/pkg.Service/Method' }, 'A']],
  },
  {
    title: 'an encoded slash is matched as such',
    routes: { A: { paths: ['/a%2Fb'] } },
    asked: [
      [{ path: '/a%2Fb/c' }, 'A'],
      [{ path: '/a/b' }, undefined],
    ],
  },
];

for (const { title, routes, asked } of EXAMPLES) {
  test(title, () => {
    const router = routerOf(routes);
    for (const [fields, winner] of asked) {
      assert.equal(router.match(question(fields))?.target, winner, JSON.stringify(fields));
    }
  });
}

test('a match tells what the path consumed and what was captured', () => {
  const router = routerOf({
    A: { paths: ['/a', '/long/prefix', '~/b\\d'] },
    B: { hosts: ['h.t'] },
    C: { paths: ['~/c/(?<id>\\d+)'] },
  });
  const asked = (fields: Partial<RouteQuestion>) => router.match(question(fields));
  assert.deepEqual(asked({ path: '/ax' }), { target: 'A', prefix: '/a', captures: undefined });
  assert.equal(asked({ path: '/long/prefixes' })?.prefix, '/long/prefix');
  assert.deepEqual(asked({ path: '/b12' }), { target: 'A', prefix: '/b1', captures: undefined });
  assert.equal(asked({ host: 'h.t', path: '/z' })?.prefix, undefined);
  assert.deepEqual(asked({ path: '/c/42/x' })?.captures?.positional, ['/c/42', '42']);
  assert.equal(router.size, 3);
});

test('port_maps gives the port of a Host header without one', () => {
  const entry = { route: route({ hosts: ['a.t:443'] }), target: 'A' };
  const router = compileRouter([entry], { portMaps: new Map([[8443, 443]]) });
  assert.equal(router.match(question({ host: 'a.t', port: 8443 }))?.target, 'A');
  assert.equal(router.match(question({ host: 'a.t', port: 8000 })), undefined);
});
