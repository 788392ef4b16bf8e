/** A radix tree over string prefixes: one walk along a path finds everything filed under any prefix of it. */

export interface RadixNode<Item> {
  /** The characters between the parent and this node. */
  label: string;
  /** Filed under exactly this prefix, in the order they were added. */
  items: Item[];
  /** By the first UTF-16 unit of the child's label. */
  children: Map<number, RadixNode<Item>>;
}

export function createRadix<Item>(): RadixNode<Item> {
  return { label: '', items: [], children: new Map() };
}

export function addToRadix<Item>(root: RadixNode<Item>, prefix: string, item: Item): void {
  let node = root;
  let at = 0;
  while (at < prefix.length) {
    const child = node.children.get(prefix.charCodeAt(at));
    if (child === undefined) {
      const leaf: RadixNode<Item> = { label: prefix.slice(at), items: [], children: new Map() };
      node.children.set(prefix.charCodeAt(at), leaf);
      node = leaf;
      break;
    }
    const shared = sharedLength(child.label, prefix, at);
    if (shared < child.label.length) split(child, shared);
    node = child;
    at += shared;
  }
  node.items.push(item);
}

/** The child one step along `path`, or `undefined` where the tree ends. `at` counts what was walked. */
export function radixStep<Item>(
  node: RadixNode<Item>,
  path: string,
  at: number,
): RadixNode<Item> | undefined {
  if (at >= path.length || node.children.size === 0) return undefined;
  const child = node.children.get(path.charCodeAt(at));
  return child !== undefined && path.startsWith(child.label, at) ? child : undefined;
}

/** Cuts a node in two: it keeps the first `length` characters and gets the rest as its only child. */
function split<Item>(node: RadixNode<Item>, length: number): void {
  const rest = { label: node.label.slice(length), items: node.items, children: node.children };
  node.label = node.label.slice(0, length);
  node.items = [];
  node.children = new Map([[rest.label.charCodeAt(0), rest]]);
}

function sharedLength(label: string, text: string, from: number): number {
  let length = 0;
  while (length < label.length && label.charCodeAt(length) === text.charCodeAt(from + length)) {
    length++;
  }
  return length;
}
