/** Answering a question: visits the few places of the index that can hold a match, keeps the best. */
import { meets, valuesOf, type Conditions } from './conditions.ts';
import { splitHostPort, type HostAndPort } from './hosts.ts';
import { radixStep, type RadixNode } from './radix.ts';
import type { Pattern } from './regex.ts';
import type { Shelf } from './shelf.ts';
import type { RouteMatch, RouteQuestion } from './types.ts';

/** A candidate under one of its hosts and one of its paths. */
export interface Filed<Target> {
  /** Place among all candidates; 0 is tried first. */
  readonly rank: number;
  readonly port: number | undefined;
  readonly conditions: Conditions;
  /** In listed order; the first that matches gives the captures. */
  readonly patterns: readonly Pattern[] | undefined;
  /** The answer, made once; for regexes only its target counts. */
  readonly match: RouteMatch<Target>;
}

/** Candidates of one host by the literal beginning of their path. */
export type Tree<Target> = RadixNode<Shelf<Filed<Target>>>;

export interface HostIndex<Target> {
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
  rank: number;
  match: RouteMatch<Target> | undefined;
}

/** The best-ranked match, whatever the order in which the places are visited. */
export function findMatch<Target>(
  index: HostIndex<Target>,
  question: RouteQuestion,
  portMaps: ReadonlyMap<number, number>,
): RouteMatch<Target> | undefined {
  const best: Best<Target> = { rank: Infinity, match: undefined };
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
    if (node.value !== undefined) considerShelf(node.value, question, port, best);
    node = radixStep(node, path, at);
  }
}

function considerShelf<Target>(
  { plain, guarded }: Shelf<Filed<Target>>,
  question: RouteQuestion,
  port: number | undefined,
  best: Best<Target>,
): void {
  consider(plain, question, port, best);
  for (const { name, bestRank, byValue } of guarded) {
    if (bestRank >= best.rank) continue;
    for (const value of valuesOf(question.headers, name)) {
      const items = byValue.get(value);
      if (items !== undefined) consider(items, question, port, best);
    }
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
    if (filed.rank >= best.rank) return;
    if (filed.port !== undefined && filed.port !== port) continue;
    if (!meets(filed.conditions, question)) continue;
    const match = filed.patterns === undefined ? filed.match : matchPatterns(filed, question.path);
    if (match === undefined) continue;
    best.rank = filed.rank;
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
