/** A route's conditions in a form that two routes can be compared by. */
import type { Route } from '../config/types.ts';
import { isRegexPath, rankCandidates, type Candidate } from '../router/candidates.ts';
import { serverNameRule } from '../router/conditions.ts';
import { ANY_NAME, matchesName, nameRule, splitHostPort, type NameRule } from '../router/hosts.ts';
import { literalStart, type RegexNode } from '../router/regex-ast.ts';
import { parseRegex } from '../router/regex-syntax.ts';
import { compilePattern } from '../router/regex.ts';

/** One candidate of the router (a route, or its paths of one kind) with its conditions. */
export interface RankedRoute {
  readonly route: Route;
  /** 0 is tried first. */
  readonly rank: number;
  readonly priority: bigint;
  readonly hosts: readonly HostRule[];
  readonly methods: ReadonlySet<string> | undefined;
  readonly headers: readonly HeaderRule[];
  readonly serverNames: readonly NameRule[] | undefined;
  /** Plain prefixes or regexes; one of `any` for a route without paths. */
  readonly paths: readonly PathRule[];
}

export interface HostRule {
  readonly name: NameRule;
  readonly port: number | undefined;
}

export interface HeaderRule {
  /** Lower case, with underscores: dashes match them and the other way round. */
  readonly name: string;
  /** Lower case, patterns with their `~*`. */
  readonly values: ReadonlySet<string>;
}

export type PathRule =
  | { readonly kind: 'any'; readonly literal: string }
  | { readonly kind: 'prefix'; readonly text: string; readonly literal: string }
  | RegexRule;

export interface RegexRule {
  readonly kind: 'regex';
  /** Without its `~`. */
  readonly text: string;
  /** What every path that matches begins with. */
  readonly literal: string;
  readonly root: RegexNode;
  /** Whether the pattern matches this text somewhere from its start on. */
  readonly test: (path: string) => boolean;
  /** Whether a match stays one when the text goes on: the pattern never looks at the end. */
  readonly isOpenEnded: boolean;
}

/** Best first, as the router tries them. */
export function rankRoutes(routes: readonly Route[]): RankedRoute[] {
  const compileRegex = createRegexCompiler();
  return rankCandidates(routes.map((route) => ({ route }))).map((candidate, rank) =>
    rankedRoute(candidate, rank, compileRegex),
  );
}

function rankedRoute(
  { entry: { route }, paths, priority }: Candidate<{ readonly route: Route }>,
  rank: number,
  compileRegex: (text: string) => RegexRule,
): RankedRoute {
  const { methods, snis, hosts } = route;
  return {
    route,
    rank,
    priority,
    hosts: hosts === null || hosts.length === 0 ? [ANY_HOST] : hosts.map(hostRule),
    methods: methods === null || methods.length === 0 ? undefined : new Set(methods),
    headers: Object.entries(route.headers ?? {}).map(headerRule),
    serverNames: snis === null || snis.length === 0 ? undefined : snis.map(serverNameRule),
    paths:
      paths.length === 0
        ? [{ kind: 'any', literal: ROOT }]
        : paths.map((path) =>
            isRegexPath(path)
              ? compileRegex(path.slice(1))
              : { kind: 'prefix', text: path, literal: path },
          ),
  };
}

/** What every path of a request begins with. */
const ROOT = '/';
const ANY_HOST: HostRule = { name: ANY_NAME, port: undefined };

function hostRule(text: string): HostRule {
  const { host, port } = splitHostPort(text);
  return { name: nameRule(host), port };
}

const headerRule = ([name, values]: [string, readonly string[]]): HeaderRule => ({
  name: name.toLowerCase().replaceAll('-', '_'),
  values: new Set(values.map((value) => value.toLowerCase())),
});

/** Equal patterns are compiled once. */
function createRegexCompiler(): (text: string) => RegexRule {
  const known = new Map<string, RegexRule>();
  return (text) => {
    let rule = known.get(text);
    if (rule === undefined) known.set(text, (rule = regexRule(text)));
    return rule;
  };
}

function regexRule(text: string): RegexRule {
  const root = parseRegex(`^${text}`);
  const pattern = compilePattern(text, { anchorStart: true });
  return {
    kind: 'regex',
    text,
    root,
    test: (path) => pattern.test(path),
    literal: literalStart(root) || ROOT,
    isOpenEnded: !looksAtEnd(root),
  };
}

function looksAtEnd(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'assert':
      return node.what !== 'start' && node.what !== 'line-start';
    case 'concat':
      return node.parts.some(looksAtEnd);
    case 'alternation':
      return node.branches.some(looksAtEnd);
    case 'group':
    case 'repeat':
      return looksAtEnd(node.body);
  }
}

/** Every host that fits `inner` fits `outer`. */
export function coversHost(outer: HostRule, inner: HostRule): boolean {
  if (outer.port !== undefined && outer.port !== inner.port) return false;
  return coversName(outer.name, inner.name);
}

export function coversName(outer: NameRule, inner: NameRule): boolean {
  if (outer.kind === 'any') return true;
  if (inner.kind === 'any') return false;
  if (inner.kind === 'exact') return matchesName(outer, inner.text);
  return (
    outer.kind === inner.kind &&
    (outer.kind === 'suffix' ? inner.text.endsWith(outer.text) : inner.text.startsWith(outer.text))
  );
}

/** Every path that fits `inner` fits `outer`. Sound, not complete: false where there is no proof. */
export function coversPath(outer: PathRule, inner: PathRule): boolean {
  switch (outer.kind) {
    case 'any':
      return true;
    case 'prefix':
      return inner.literal.startsWith(outer.text);
    case 'regex':
      if (inner.kind === 'regex' && inner.text === outer.text) return true;
      // All that fits `inner` begins with its literal, and what follows takes no match away.
      return outer.isOpenEnded && outer.test(inner.literal);
  }
}

/** A request with the headers of `inner` has those of `outer`. */
export const coversHeaders = (
  outer: readonly HeaderRule[],
  inner: readonly HeaderRule[],
): boolean =>
  outer.every((rule) =>
    inner.some(({ name, values }) => name === rule.name && isSubset(values, rule.values)),
  );

/** A server name that fits `inner` fits `outer`; without TLS both always do. */
export const coversServerNames = (
  outer: RankedRoute['serverNames'],
  inner: RankedRoute['serverNames'],
): boolean =>
  outer === undefined ||
  (inner !== undefined && inner.every((name) => outer.some((rule) => coversName(rule, name))));

function isSubset<T>(inner: ReadonlySet<T>, outer: ReadonlySet<T>): boolean {
  for (const item of inner) if (!outer.has(item)) return false;
  return true;
}
