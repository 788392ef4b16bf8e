/** For tests: routes and questions, made by hand or at random from a few values that often collide. */
import * as fc from 'fast-check';
import type { Route } from '../config/types.ts';
import type { RouteQuestion } from './types.ts';

/** A complete route with everything at its default. */
export function route(fields: Partial<Route>): Route {
  return {
    id: '00000000-0000-4000-8000-000000000000',
    name: null,
    protocols: ['http', 'https'],
    methods: null,
    hosts: null,
    paths: null,
    headers: null,
    snis: null,
    sources: null,
    destinations: null,
    https_redirect_status_code: 426,
    regex_priority: 0,
    strip_path: true,
    path_handling: 'v0',
    preserve_host: false,
    request_buffering: true,
    response_buffering: true,
    service: null,
    tags: null,
    created_at: 0,
    updated_at: 0,
    ...fields,
  };
}

/** The n-th id; larger numbers are larger ids. */
export const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export function question(fields: Partial<RouteQuestion>): RouteQuestion {
  return {
    method: 'GET',
    scheme: 'http',
    host: 'unknown.test',
    path: '/',
    headers: [],
    port: 8000,
    serverName: undefined,
    ...fields,
  };
}

const HOSTS = ['a.t', 'b.t', 'x.a.t', '*.t', '*.a.t', 'a.*', 'b.*', 'a.t:80', '*.t:81', 'b.t:81'];
const HOSTS_V6 = ['[::1]', '[::1]:80'];
const PREFIXES = ['/', '/a', '/ab', '/a/b', '/b', '/b/', '/é', '/éa', '/a b', '/a#1', '/a"b'];

/** Regex paths and what they mean, written by hand for V8. */
export const REGEX_PATHS: ReadonlyMap<string, RegExp> = new Map([
  ['~/a\\d+', /^\/a\p{Nd}+/u],
  ['~/a', /^\/a/u],
  ['~/[ab]/.*', /^\/[ab]\/[^\n]*/u],
  ['~/(?i)AB', /^\/[aA][bB]/u],
  ['~/b$|/c', /^\/b$|\/c/u],
  ['~/a/(?<n>[a-z]+)?$', /^\/a\/(?<n>[a-z]+)?$/u],
]);

const some = <T>(values: readonly T[], maxLength = 3): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength });

const perhaps = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(arbitrary, { freq: 2 });

const HEADERS = [
  { 'x-a': ['v'] },
  { 'X-A': ['V', 'w'] },
  { x_a: ['w'] },
  { 'x-a': ['~*^v\\d?$'], 'x-b': ['v'] },
  { 'x-b': ['~*É|W', 'v'] },
];

export const anyRoute: fc.Arbitrary<Route> = fc
  .record({
    methods: perhaps(some(['GET', 'POST', 'PURGE'])),
    hosts: perhaps(some([...HOSTS, ...HOSTS_V6])),
    paths: perhaps(some([...PREFIXES, ...REGEX_PATHS.keys()], 4)),
    headers: perhaps(fc.constantFrom(...HEADERS)),
    snis: perhaps(some(['s.t', 'q.t.', '*.t', 's.*'])),
    regex_priority: fc.constantFrom(0, 0, 0, 1, 2, 5, -1, 4096),
  })
  .map(route);

export const anyRoutes: fc.Arbitrary<Route[]> = fc
  .array(fc.tuple(anyRoute, fc.nat(999)), { minLength: 1, maxLength: 12 })
  .map((list) => list.map(([each, n], i) => ({ ...each, id: idOf(n * 100 + i) })));

const HEADER_NAMES = ['x-a', 'X-A', 'x_a', 'x-b', 'X_B', 'x-c'];
const HEADER_VALUES = ['v', 'V', 'v1', 'w', 'W2', 'Ã©', ''];

const anyHeaders: fc.Arbitrary<string[]> = fc
  .array(fc.tuple(fc.constantFrom(...HEADER_NAMES), fc.constantFrom(...HEADER_VALUES)), {
    maxLength: 3,
  })
  .map((lines) => lines.flat());

export const anyQuestion: fc.Arbitrary<RouteQuestion> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'PURGE'),
  scheme: fc.constantFrom('http', 'https'),
  host: fc.constantFrom(
    '',
    'A.t',
    'a.t',
    'a.t:80',
    'a.t:81',
    'b.t',
    'b.t:81',
    'x.a.t',
    'x.y.a.t:80',
    'a.',
    '.t',
    'c.t:81',
    '[::1]',
    '[::1]:80',
    '[::1]:81',
    'a.t:',
  ),
  path: fc.constantFrom(
    '/',
    '/a',
    '/a1',
    '/a12/x',
    '/ab',
    '/AB',
    '/a/b',
    '/a/bc',
    '/a/',
    '/b',
    '/b/',
    '/b/c',
    '/c',
    '/é',
    '/éa',
    '/a b',
    '/a#1',
    '/a"b',
    '/zz/c',
  ),
  headers: anyHeaders,
  port: fc.constantFrom(80, 81, 8000),
  serverName: fc.constantFrom(undefined, 's.t', 'q.t', 'x.t', 's.org'),
});
