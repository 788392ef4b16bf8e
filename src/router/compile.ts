/**
 * The router: routes go in once per load, questions are answered without a scan of all of them.
 *
 * Candidates are filed by host (exact name, wildcard, none) and there by the literal beginning of
 * their path. A question visits the few nodes that can hold an answer and keeps the best rank, so
 * the result is that of trying every candidate in order.
 */
import { isRegexPath, rankCandidates, type Candidate } from './candidates.ts';
import { compileConditions, type Conditions } from './conditions.ts';
import { examineRoutes } from './examine.ts';
import { ANY_NAME, nameRule, splitHostPort, type NameRule } from './hosts.ts';
import { findMatch, type HostIndex, type Tree } from './match.ts';
import { createRadix, radixNode } from './radix.ts';
import { compilePattern, type Pattern } from './regex.ts';
import { addToShelf, createShelf } from './shelf.ts';
import type { RouteEntry, Router } from './types.ts';

export interface RouterOptions {
  /** Listener port → the port clients see (`port_maps`); counts where a Host header has none. */
  readonly portMaps?: ReadonlyMap<number, number>;
}

/**
 * Compiles routes into a router. Give it only routes without a service or with an enabled one.
 * Throws ConfigError for a regex that Rust's regex engine refuses.
 */
export function compileRouter<Target>(
  entries: readonly RouteEntry<Target>[],
  options: RouterOptions = {},
): Router<Target> {
  const index = createIndex<Target>();
  const conditions = new Map(
    entries.map((entry) => [entry, compileConditions(entry.route)] as const),
  );
  const conditionsOf = (entry: RouteEntry<Target>): Conditions =>
    conditions.get(entry) ?? compileConditions(entry.route);
  for (const [rank, candidate] of rankCandidates(entries).entries()) {
    fileCandidate(index, candidate, rank, conditionsOf(candidate.entry));
  }
  const portMaps = options.portMaps ?? new Map<number, number>();
  return {
    match: (question) => findMatch(index, question, portMaps),
    examine: (question) => examineRoutes(entries, question, { conditionsOf, portMaps }),
    size: entries.length,
  };
}

function createIndex<Target>(): HostIndex<Target> {
  return {
    any: createRadix(),
    exact: new Map(),
    suffix: new Map(),
    prefix: new Map(),
    longestWildcard: 0,
  };
}

function fileCandidate<Target>(
  index: HostIndex<Target>,
  candidate: Candidate<RouteEntry<Target>>,
  rank: number,
  conditions: Conditions,
): void {
  const { entry, paths } = candidate;
  const patterns = paths.some(isRegexPath)
    ? paths.map((path) => compilePattern(path.slice(1), { anchorStart: true }))
    : undefined;
  const prefixes = literalPrefixes(paths, patterns);
  for (const [rule, port] of hostRules(entry.route.hosts)) {
    const tree = treeFor(index, rule);
    for (const prefix of prefixes) {
      const consumed = paths.length === 0 ? undefined : prefix;
      const match = { target: entry.target, prefix: consumed, captures: undefined };
      const node = radixNode(tree, prefix);
      node.value ??= createShelf();
      addToShelf(node.value, { rank, port, conditions, patterns, match });
    }
  }
}

/** Where in the tree to file: under each plain prefix, or under what all regexes begin with. */
function literalPrefixes(
  paths: readonly string[],
  patterns: readonly Pattern[] | undefined,
): readonly string[] {
  if (paths.length === 0) return [''];
  if (patterns === undefined) return [...new Set(paths)];
  return [patterns.map((pattern) => pattern.literalPrefix).reduce(commonPrefix)];
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return a.slice(0, length);
}

function hostRules(hosts: readonly string[] | null): [NameRule, number | undefined][] {
  if (hosts === null || hosts.length === 0) return [[ANY_NAME, undefined]];
  return hosts.map((text) => {
    const { host, port } = splitHostPort(text);
    return [nameRule(host), port];
  });
}

function treeFor<Target>(index: HostIndex<Target>, rule: NameRule): Tree<Target> {
  if (rule.kind === 'any') return index.any;
  const trees = index[rule.kind];
  if (rule.kind !== 'exact') {
    index.longestWildcard = Math.max(index.longestWildcard, rule.text.length);
  }
  const known = trees.get(rule.text);
  if (known !== undefined) return known;
  const tree: Tree<Target> = createRadix();
  trees.set(rule.text, tree);
  return tree;
}
