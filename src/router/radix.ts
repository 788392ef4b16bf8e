/** A radix tree over string prefixes: one walk along a path finds what is filed under any prefix of it. */

export interface RadixNode<Value> {
  /** The characters between the parent and this node. */
  label: string;
  /** Filed under exactly this prefix. */
  value: Value | undefined;
  /** By the first UTF-16 unit of the child's label. */
  children: Map<number, RadixNode<Value>>;
}

export function createRadix<Value>(): RadixNode<Value> {
  return { label: '', value: undefined, children: new Map() };
}

/** The node of a prefix, made where there is none. */
export function radixNode<Value>(root: RadixNode<Value>, prefix: string): RadixNode<Value> {
  let node = root;
  let at = 0;
  while (at < prefix.length) {
    const child = node.children.get(prefix.charCodeAt(at));
    if (child === undefined) {
      const leaf = { ...createRadix<Value>(), label: prefix.slice(at) };
      node.children.set(prefix.charCodeAt(at), leaf);
      return leaf;
    }
    const shared = sharedLength(child.label, prefix, at);
    if (shared < child.label.length) split(child, shared);
    node = child;
    at += shared;
  }
  return node;
}

/** The child one step along `path`, or `undefined` where the tree ends. `at` counts what was walked. */
export function radixStep<Value>(
  node: RadixNode<Value>,
  path: string,
  at: number,
): RadixNode<Value> | undefined {
  if (at >= path.length || node.children.size === 0) return undefined;
  const child = node.children.get(path.charCodeAt(at));
  return child !== undefined && path.startsWith(child.label, at) ? child : undefined;
}

/** Cuts a node in two: it keeps the first `length` characters and gets the rest as its only child. */
function split<Value>(node: RadixNode<Value>, length: number): void {
  const rest = { ...node, label: node.label.slice(length) };
  node.label = node.label.slice(0, length);
  node.value = undefined;
  node.children = new Map([[rest.label.charCodeAt(0), rest]]);
}

function sharedLength(label: string, text: string, from: number): number {
  let length = 0;
  while (length < label.length && label.charCodeAt(length) === text.charCodeAt(from + length)) {
    length++;
  }
  return length;
}
