/** The router against the plain reading of the rules: try every candidate in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Route } from '../config/types.ts';
import { isRegexPath, rankCandidates, type Candidate } from './candidates.ts';
import { compileRouter } from './compile.ts';
import { anyQuestion, anyRoutes, REGEX_PATHS } from './routes.test.fixture.ts';
import type { RouteQuestion } from './types.ts';

/** The rules read aloud: no index, no compiled state. */
function fitsPlainly({ entry, paths }: Candidate<{ route: Route }>, asked: RouteQuestion): boolean {
  const { methods, hosts, snis, headers } = entry.route;
  return (
    (methods?.includes(asked.method) ?? true) &&
    (hosts?.some((host) => hostFits(host, asked)) ?? true) &&
    (paths.length === 0 || paths.some((path) => pathFits(path, asked.path))) &&
    Object.entries(headers ?? {}).every(([name, values]) => headerFits(name, values, asked)) &&
    (snis === null ||
      asked.scheme === 'http' ||
      snis.some((sni) => nameFits(sni.replace(/\.$/, ''), asked.serverName)))
  );
}

function hostFits(host: string, asked: RouteQuestion): boolean {
  const [, name = host, port] = /^([^:]*):(\d+)$/.exec(host) ?? [];
  const [, askedName = asked.host, askedPort] = /^([^:]*):(\d+)$/.exec(asked.host) ?? [];
  const portFits = port === undefined || Number(port) === Number(askedPort ?? asked.port);
  return asked.host !== '' && portFits && nameFits(name, askedName);
}

function nameFits(rule: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  if (rule.startsWith('*')) return name.endsWith(rule.slice(1));
  return rule.endsWith('*') ? name.startsWith(rule.slice(0, -1)) : name === rule;
}

const pathFits = (path: string, asked: string): boolean =>
  isRegexPath(path) ? (REGEX_PATHS.get(path)?.test(asked) ?? false) : asked.startsWith(path);

function headerFits(name: string, values: readonly string[], asked: RouteQuestion): boolean {
  const lines = Array.from({ length: asked.headers.length / 2 }, (_, i) =>
    asked.headers.slice(i * 2, i * 2 + 2),
  );
  const called = (wanted: string) => lines.filter(([line]) => line?.toLowerCase() === wanted);
  const underscored = name.toLowerCase().replaceAll('-', '_');
  const seen =
    called(underscored).length > 0 ? called(underscored) : called(underscored.replaceAll('_', '-'));
  return seen.some(([, raw = '']) => {
    const value = Buffer.from(raw, 'latin1').toString('utf8').toLowerCase();
    return values.some((wanted) =>
      wanted.startsWith('~*')
        ? new RegExp(
            wanted.slice(2).replace(/[A-Z]/g, (c) => c.toLowerCase()),
            'u',
          ).test(value)
        : value === wanted.toLowerCase(),
    );
  });
}

test('the router answers as trying every candidate in order would', () => {
  let hits = 0;
  fc.assert(
    fc.property(
      anyRoutes,
      fc.array(anyQuestion, { minLength: 40, maxLength: 40 }),
      (routes, asked) => {
        const entries = routes.map((each) => ({ route: each, target: each.id }));
        const router = compileRouter(entries);
        const candidates = rankCandidates(entries);
        for (const each of asked) {
          const winner = candidates.find((candidate) => fitsPlainly(candidate, each));
          if (winner !== undefined) hits++;
          assert.equal(router.match(each)?.target, winner?.entry.target);
        }
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(hits > 4000, `only ${hits} hits`);
});
