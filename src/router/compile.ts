/**
 * The router: routes go in once per load, questions are answered without a scan of all of them.
 *
 * Candidates are filed by host (exact name, wildcard, none) and there by the literal beginning of
 * their path. A question visits the few nodes that can hold an answer and keeps the best rank, so
 * the result is that of trying every candidate in order.
 */
import { isRegexPath, rankCandidates, type Candidate } from './candidates.ts';
import { compileConditions, meets, type Conditions } from './conditions.ts';
import { ANY_NAME, nameRule, splitHostPort, type HostAndPort, type NameRule } from './hosts.ts';
import { addToRadix, createRadix, radixStep, type RadixNode } from './radix.ts';
import { compilePattern, type Pattern } from './regex.ts';
import type { RouteEntry, RouteMatch, RouteQuestion, Router } from './types.ts';

export interface RouterOptions {
  /** Listener port → the port clients see (`port_maps`); counts where a Host header has none. */
  readonly portMaps?: ReadonlyMap<number, number>;
}

/** A candidate under one of its hosts and one of its paths. */
interface Filed<Target> {
  /** Place among all candidates; 0 is tried first. */
  readonly rank: number;
  readonly port: number | undefined;
  readonly conditions: Conditions;
  /** In listed order; the first that matches gives the captures. */
  readonly patterns: readonly Pattern[] | undefined;
  /** The answer; made here once, except for regexes. */
  readonly match: RouteMatch<Target>;
}

type Tree<Target> = RadixNode<Filed<Target>>;

interface HostIndex<Target> {
  readonly any: Tree<Target>;
  readonly exact: Map<string, Tree<Target>>;
  /** Keys start with a dot. */
  readonly suffix: Map<string, Tree<Target>>;
  /** Keys end with a dot. */
  readonly prefix: Map<string, Tree<Target>>;
  /** Longest key of `suffix` and `prefix`: bounds the work a long Host header can cause. */
  longestWildcard: number;
}

interface Best<Target> {
  filed: Filed<Target> | undefined;
  match: RouteMatch<Target> | undefined;
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
  for (const [rank, candidate] of rankCandidates(entries).entries()) {
    const checks = conditions.get(candidate.entry) ?? compileConditions(candidate.entry.route);
    fileCandidate(index, candidate, rank, checks);
  }
  const portMaps = options.portMaps ?? new Map<number, number>();
  return { match: (question) => answer(index, question, portMaps), size: entries.length };
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
      addToRadix(tree, prefix, { rank, port, conditions, patterns, match });
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

function answer<Target>(
  index: HostIndex<Target>,
  question: RouteQuestion,
  portMaps: ReadonlyMap<number, number>,
): RouteMatch<Target> | undefined {
  const best: Best<Target> = { filed: undefined, match: undefined };
  if (question.host === '') {
    visit(index.any, question, undefined, best);
    return best.match;
  }
  const named = splitHostPort(question.host);
  const port = named.port ?? portMaps.get(question.port) ?? question.port;
  const exact = index.exact.get(named.host);
  if (exact !== undefined) visit(exact, question, port, best);
  if (index.longestWildcard > 0) visitWildcards(index, question, { host: named.host, port }, best);
  visit(index.any, question, port, best);
  return best.match;
}

function visitWildcards<Target>(
  index: HostIndex<Target>,
  question: RouteQuestion,
  { host, port }: HostAndPort,
  best: Best<Target>,
): void {
  const { suffix, prefix, longestWildcard } = index;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (suffix.size > 0 && host.length - dot <= longestWildcard) {
      const tree = suffix.get(host.slice(dot));
      if (tree !== undefined) visit(tree, question, port, best);
    }
    if (prefix.size > 0 && dot < longestWildcard) {
      const tree = prefix.get(host.slice(0, dot + 1));
      if (tree !== undefined) visit(tree, question, port, best);
    }
  }
}

function visit<Target>(
  tree: Tree<Target>,
  question: RouteQuestion,
  port: number | undefined,
  best: Best<Target>,
): void {
  const { path } = question;
  let at = 0;
  let node: Tree<Target> | undefined = tree;
  while (node !== undefined) {
    at += node.label.length;
    if (node.items.length > 0) consider(node.items, question, port, best);
    node = radixStep(node, path, at);
  }
}

/** Items come in rank order: stops at the first that fits, or that cannot win any more. */
function consider<Target>(
  items: readonly Filed<Target>[],
  question: RouteQuestion,
  port: number | undefined,
  best: Best<Target>,
): void {
  for (const filed of items) {
    if (best.filed !== undefined && filed.rank >= best.filed.rank) return;
    if (filed.port !== undefined && filed.port !== port) continue;
    if (!meets(filed.conditions, question)) continue;
    const match = filed.patterns === undefined ? filed.match : matchPatterns(filed, question.path);
    if (match === undefined) continue;
    best.filed = filed;
    best.match = match;
    return;
  }
}

function matchPatterns<Target>(
  { patterns = [], match }: Filed<Target>,
  path: string,
): RouteMatch<Target> | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(path);
    if (found === undefined) continue;
    return { target: match.target, prefix: found.text, captures: found.captures };
  }
  return undefined;
}
