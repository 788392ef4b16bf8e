/** The order of members in the mappings of a YAML text; comments go with the member they stand at. */
import type * as Yaml from 'yaml';
import type { ConfigPath } from '../errors.ts';

/** The package, which is loaded when it is needed. */
export type YamlApi = typeof Yaml;

/** The names of a mapping in the order they shall have. */
export type MemberOrder = (path: ConfigPath, names: readonly string[]) => readonly string[];

/** Merges stay in front: what follows them overrides them, for the reader as well. */
const MERGE = '<<';

export function sortAll(yaml: YamlApi, document: Yaml.Document, order: MemberOrder): void {
  if (hasRepeatedAnchors(yaml, document)) return;
  const root = document.contents;
  const head = yaml.isMap(root) ? root.items[0]?.key : undefined;
  const walk = (node: unknown, path: ConfigPath): void => {
    if (yaml.isSeq(node)) node.items.forEach((item, index) => walk(item, [...path, index]));
    if (!yaml.isMap(node)) return;
    sortMap(yaml, node, (names) => order(path, names));
    for (const pair of node.items) walk(pair.value, [...path, nameOf(yaml, pair)]);
  };
  walk(root, []);
  // What a file begins with is about the file, whichever member it stood at.
  const isMoved = yaml.isMap(root) && root.items[0]?.key !== head;
  if (!isMoved || !yaml.isNode(head) || typeof head.commentBefore !== 'string') return;
  const about = [document.commentBefore, head.commentBefore].filter(Boolean);
  document.commentBefore = about.join('\n');
  head.commentBefore = null;
}

function sortMap(
  yaml: YamlApi,
  map: Yaml.YAMLMap,
  order: (names: readonly string[]) => readonly string[],
): void {
  const names = map.items.map((pair) => nameOf(yaml, pair));
  const wanted = [MERGE, ...order(names).filter((name) => name !== MERGE)];
  const rank = new Map(wanted.map((name, index) => [name, index]));
  const rankOf = (pair: Yaml.Pair): number => rank.get(nameOf(yaml, pair)) ?? rank.size;
  const sorted = map.items.toSorted((a, b) => rankOf(a) - rankOf(b));
  if (sorted.every((pair, index) => pair === map.items[index])) return;
  if (!keepsAnchors(yaml, sorted)) return;
  // A blank line stands between two members, and not before the first.
  const [first] = sorted;
  const [before] = map.items;
  map.items = sorted;
  if (first === undefined || before === undefined) return;
  const wasSpaced = yaml.isNode(first.key) && first.key.spaceBefore === true;
  if (yaml.isNode(first.key)) first.key.spaceBefore = false;
  if (yaml.isNode(before.key) && wasSpaced) before.key.spaceBefore = true;
}

const nameOf = (yaml: YamlApi, { key }: Yaml.Pair): string =>
  yaml.isScalar(key) ? String(key.value) : '';

/** An alias means the anchor before it: with one name for two anchors, order is meaning. */
function hasRepeatedAnchors(yaml: YamlApi, document: Yaml.Document): boolean {
  const seen = new Set<string>();
  let isRepeated = false;
  yaml.visit(document, {
    Node(_, node) {
      const anchor = 'anchor' in node ? node.anchor : undefined;
      if (anchor === undefined) return;
      isRepeated ||= seen.has(anchor);
      seen.add(anchor);
    },
  });
  return isRepeated;
}

/** False when an alias would stand before its anchor. */
function keepsAnchors(yaml: YamlApi, pairs: readonly Yaml.Pair[]): boolean {
  const placeOf = new Map<string, number>();
  const uses: { readonly name: string; readonly place: number }[] = [];
  for (const [place, { value }] of pairs.entries()) {
    if (!yaml.isNode(value)) continue;
    yaml.visit(value, {
      Alias: (_, { source }) => void uses.push({ name: source, place }),
      Collection: (_, { anchor }) => void (anchor !== undefined && placeOf.set(anchor, place)),
      Scalar: (_, { anchor }) => void (anchor !== undefined && placeOf.set(anchor, place)),
    });
  }
  return uses.every(({ name, place }) => (placeOf.get(name) ?? place) <= place);
}
