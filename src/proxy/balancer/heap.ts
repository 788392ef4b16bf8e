/** A binary heap that hands out the node with the least key, and can be told that a key has changed. */

/** What stands in a heap. A class or literal may add members of its own. */
export interface HeapNode {
  /** Change it, then call `update`. */
  key: number;
  /** Decides between equal keys: the lesser goes first. */
  tie: number;
  /** Kept by the heap. */
  at: number;
}

/** All operations cost at most the logarithm of the number of nodes. */
export class MinHeap<Node extends HeapNode> {
  readonly #nodes: Node[] = [];

  constructor(nodes: Iterable<Node> = []) {
    for (const node of nodes) this.push(node);
  }

  get size(): number {
    return this.#nodes.length;
  }

  peek(): Node | undefined {
    return this.#nodes[0];
  }

  push(node: Node): void {
    node.at = this.#nodes.length;
    this.#nodes.push(node);
    this.#rise(node);
  }

  pop(): Node | undefined {
    const first = this.#nodes[0];
    const last = this.#nodes.pop();
    if (last !== undefined && last !== first) {
      this.#put(last, 0);
      this.#sink(last);
    }
    return first;
  }

  /** Puts a node whose key or tie has changed where it belongs. */
  update(node: Node): void {
    this.#rise(node);
    this.#sink(node);
  }

  /** The first node in order that `skip` does not name; the heap stays as it is. */
  first(skip: ((node: Node) => boolean) | undefined): Node | undefined {
    if (skip === undefined) return this.peek();
    const passed: Node[] = [];
    let node = this.peek();
    while (node !== undefined && skip(node)) {
      this.pop();
      passed.push(node);
      node = this.peek();
    }
    for (const each of passed) this.push(each);
    return node;
  }

  #put(node: Node, at: number): void {
    this.#nodes[at] = node;
    node.at = at;
  }

  #rise(node: Node): void {
    let at = node.at;
    while (at > 0) {
      const parent = this.#nodes[(at - 1) >> 1];
      if (parent === undefined || !goesBefore(node, parent)) break;
      const above = parent.at;
      this.#put(parent, at);
      at = above;
    }
    this.#put(node, at);
  }

  #sink(node: Node): void {
    let at = node.at;
    for (;;) {
      const left = this.#nodes[2 * at + 1];
      if (left === undefined) break;
      const right = this.#nodes[2 * at + 2];
      const child = right !== undefined && goesBefore(right, left) ? right : left;
      if (!goesBefore(child, node)) break;
      const below = child.at;
      this.#put(child, at);
      at = below;
    }
    this.#put(node, at);
  }
}

function goesBefore(a: HeapNode, b: HeapNode): boolean {
  return a.key < b.key || (a.key === b.key && a.tie < b.tie);
}
