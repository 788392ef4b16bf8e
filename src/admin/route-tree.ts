/** Finds the route of a path: literal segments win over named ones, whatever the order of the table. */
import type { Handler } from './request.ts';

/** Handlers by method. HEAD is answered as GET is; OPTIONS from the list of the others. */
export type Methods = Readonly<
  Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Handler>>
>;

export interface AdminRoute {
  /** `/consumers/{consumers}/jwt`; a segment in braces stands for any text. */
  readonly pattern: string;
  readonly methods: Methods;
  /** A POST that only looks: a token with the scope read may send it. */
  readonly changesNothing?: true;
}

export interface RouteFound {
  readonly methods: Methods;
  readonly changesNothing: boolean;
  /** What stands where the pattern has names. */
  readonly params: readonly string[];
}

interface TreeNode {
  readonly literal: Map<string, TreeNode>;
  named: TreeNode | undefined;
  route: AdminRoute | undefined;
}

export type RouteTree = (segments: readonly string[]) => RouteFound | undefined;

const emptyNode = (): TreeNode => ({ literal: new Map(), named: undefined, route: undefined });

function childOf(node: TreeNode, segment: string): TreeNode {
  if (segment.startsWith('{')) {
    node.named ??= emptyNode();
    return node.named;
  }
  const child = node.literal.get(segment) ?? emptyNode();
  node.literal.set(segment, child);
  return child;
}

function find(
  node: TreeNode,
  segments: readonly string[],
  at: number,
  params: readonly string[],
): RouteFound | undefined {
  const segment = segments[at];
  if (segment === undefined) {
    const { methods, changesNothing = false } = node.route ?? {};
    return methods && { methods, changesNothing, params };
  }
  const literal = node.literal.get(segment);
  const found = literal && find(literal, segments, at + 1, params);
  if (found !== undefined || node.named === undefined || segment === '') return found;
  return find(node.named, segments, at + 1, [...params, segment]);
}

/** Builds the tree of a route table. Two routes of one pattern are a mistake in the table. */
export function buildRouteTree(routes: readonly AdminRoute[]): RouteTree {
  const root = emptyNode();
  for (const route of routes) {
    let node = root;
    for (const segment of route.pattern.slice(1).split('/')) node = childOf(node, segment);
    if (node.route !== undefined) throw new Error(`${route.pattern} is in the table twice`);
    node.route = route;
  }
  return (segments) => find(root, segments, 0, []);
}
