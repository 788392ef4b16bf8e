/**
 * Routes filed as the router files them (host, beginning of the path, header value), so that the few
 * that could take another one's requests are found without a look at all of them.
 */
import { createRadix, radixNode, radixStep, type RadixNode } from '../router/radix.ts';
import type { NameRule } from '../router/hosts.ts';
import type { HostRule, RankedRoute } from './route-conditions.ts';

interface Shelf {
  readonly plain: RankedRoute[];
  /** By `name=value` of the first header condition. */
  readonly byHeader: Map<string, RankedRoute[]>;
}

type Tree = RadixNode<Shelf>;

export interface RouteIndex {
  add(route: RankedRoute): void;
  /**
   * What may fit a host and a path: everything under the path's beginnings, for hosts that hold it.
   * Of routes with header conditions only those that share a value with `route`.
   */
  near(route: RankedRoute, host: HostRule, path: string): Iterable<RankedRoute>;
}

export function createRouteIndex(): RouteIndex {
  const any: Tree = createRadix();
  const named = new Map<string, Tree>();
  const treeOf = (name: NameRule): Tree => {
    if (name.kind === 'any') return any;
    const key = `${name.kind} ${name.text}`;
    let tree = named.get(key);
    if (tree === undefined) named.set(key, (tree = createRadix()));
    return tree;
  };
  return {
    add(route) {
      for (const { name } of route.hosts) {
        const tree = treeOf(name);
        for (const prefix of filedUnder(route)) {
          const node = radixNode(tree, prefix);
          node.value ??= { plain: [], byHeader: new Map() };
          addToShelf(node.value, route);
        }
      }
    },
    *near(route, { name }, path) {
      for (const key of treesFor(name)) {
        const tree = key === '' ? any : named.get(key);
        if (tree !== undefined) yield* walk(tree, route, path);
      }
    },
  };
}

/** Each plain prefix, or what each regex begins with. */
const filedUnder = ({ paths }: RankedRoute): ReadonlySet<string> =>
  new Set(paths.map(({ literal }) => literal));

function addToShelf({ plain, byHeader }: Shelf, route: RankedRoute): void {
  const [header] = route.headers;
  if (header === undefined) {
    plain.push(route);
    return;
  }
  for (const value of header.values) {
    const key = `${header.name}=${value}`;
    const routes = byHeader.get(key);
    if (routes === undefined) byHeader.set(key, [route]);
    else routes.push(route);
  }
}

function* walk(tree: Tree, route: RankedRoute, path: string): Iterable<RankedRoute> {
  let at = 0;
  let node: Tree | undefined = tree;
  while (node !== undefined) {
    at += node.label.length;
    if (node.value !== undefined) yield* shelved(node.value, route);
    node = radixStep(node, path, at);
  }
}

function* shelved({ plain, byHeader }: Shelf, route: RankedRoute): Iterable<RankedRoute> {
  yield* plain;
  if (byHeader.size === 0) return;
  for (const { name, values } of route.headers) {
    for (const value of values) yield* byHeader.get(`${name}=${value}`) ?? [];
  }
}

/** Keys of the trees whose hosts can hold this one; the empty one is that of routes without hosts. */
function* treesFor(name: NameRule): Iterable<string> {
  yield '';
  if (name.kind === 'any') return;
  const { kind, text } = name;
  if (kind === 'exact') yield `exact ${text}`;
  for (let dot = text.indexOf('.'); dot !== -1; dot = text.indexOf('.', dot + 1)) {
    if (kind !== 'prefix') yield `suffix ${text.slice(dot)}`;
    if (kind !== 'suffix') yield `prefix ${text.slice(0, dot + 1)}`;
  }
}
