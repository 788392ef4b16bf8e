/**
 * Which regexes V8's backtracking engine may run.
 *
 * The rule is conservative and static. A choice (another round of a loop or not, this branch or
 * that) is *decided* when the next character allows only one way: a wrong way then fails at once.
 * A regex whose choices are all decided takes time linear in the text. Beyond that we allow
 *  - a bounded number of ways through undecided choices without loops (each way is linear), and
 *  - one undecided loop such as `.*`, when its body is decided and what follows has bounded length:
 *    at each place where it can stop, only that much is tried in vain.
 * A search without an anchor starts at every character, so only bounded lengths are allowed there.
 * Everything else, and everything whose groups the two engines would report differently, runs on RE2.
 */
import { NOTHING, overlaps, union, type CodePoints } from './code-points.ts';
import {
  firstOf,
  groupsIn,
  isAnchored,
  isNullable,
  longestOf,
  type RegexNode,
  type RepeatNode,
} from './regex-ast.ts';

const WAYS_MAX = 32;
/** Together with an undecided loop. */
const LOOP_WAYS_MAX = 4;
const TAIL_MAX = 64;
/** Ways times length of a search without an anchor. */
const SEARCH_MAX = 512;

/** What can come after a node. */
interface Tail {
  readonly first: CodePoints;
  readonly longest: number;
}

/** What backtracking through a node can cost. */
interface Cost {
  /** Ways through its undecided choices. Infinity: not safe. */
  readonly ways: number;
  /** Undecided loops. */
  readonly loops: number;
}

const DECIDED: Cost = { ways: 1, loops: 0 };
const UNSAFE: Cost = { ways: Infinity, loops: 0 };

/** True when V8 answers like RE2 and in time linear in the text. */
export function isSafeForV8(root: RegexNode): boolean {
  const { ways, loops } = costOf(root, { first: NOTHING, longest: 0 });
  if (!isAnchored(root)) {
    // A search that takes no character can end between the halves of a surrogate pair in V8.
    return loops === 0 && !isNullable(root) && ways * longestOf(root) <= SEARCH_MAX;
  }
  return loops === 0 ? ways <= WAYS_MAX : loops === 1 && ways <= LOOP_WAYS_MAX;
}

function costOf(node: RegexNode, tail: Tail): Cost {
  switch (node.kind) {
    case 'set':
    case 'assert':
      return DECIDED;
    case 'group':
      return costOf(node.body, tail);
    case 'concat':
      return costOfConcat(node.parts, tail);
    case 'alternation':
      return costOfAlternation(node.branches, tail);
    case 'repeat':
      return costOfRepeat(node, tail);
  }
}

function costOfConcat(parts: readonly RegexNode[], tail: Tail): Cost {
  let cost = DECIDED;
  let after = tail;
  for (const part of parts.toReversed()) {
    const own = costOf(part, after);
    cost = { ways: cost.ways * own.ways, loops: cost.loops + own.loops };
    after = before(part, after);
  }
  return cost;
}

/** What comes after whatever stands before `node`. */
function before(node: RegexNode, tail: Tail): Tail {
  return {
    first: isNullable(node) ? union(firstOf(node), tail.first) : firstOf(node),
    longest: longestOf(node) + tail.longest,
  };
}

function costOfAlternation(branches: readonly RegexNode[], tail: Tail): Cost {
  const costs = branches.map((branch) => costOf(branch, tail));
  const loops = Math.max(...costs.map((cost) => cost.loops));
  const ways = costs.map((cost) => cost.ways);
  if (areDecided(branches.map((branch) => before(branch, tail).first))) {
    return { ways: Math.max(...ways), loops };
  }
  return { ways: ways.reduce((sum, own) => sum + own, 0), loops };
}

function areDecided(firsts: readonly CodePoints[]): boolean {
  let seen = NOTHING;
  for (const first of firsts) {
    if (overlaps(seen, first)) return false;
    seen = union(seen, first);
  }
  return true;
}

function costOfRepeat(node: RepeatNode, tail: Tail): Cost {
  const { body, min, max } = node;
  const again = max > 1;
  if (isNullable(body) && (again || groupsIn(body) > 0)) return UNSAFE;
  if (again && !reportsSameGroups(body)) return UNSAFE;
  const bodyFirst = firstOf(body);
  const decided =
    (min === max || !overlaps(bodyFirst, tail.first)) && !(isNullable(body) && min !== max);
  const inside = costOf(body, bodyTail(node, tail));
  if (max === Infinity) {
    if (inside.ways > 1 || inside.loops > 0) return UNSAFE;
    if (decided) return DECIDED;
    return tail.longest <= TAIL_MAX ? { ways: 1, loops: 1 } : UNSAFE;
  }
  if (again && inside.loops > 0) return UNSAFE;
  return {
    ways: decided ? inside.ways ** max : waysOfCounts(inside.ways, min, max),
    loops: inside.loops,
  };
}

function bodyTail({ body, max }: RepeatNode, tail: Tail): Tail {
  if (max <= 1) return tail;
  return {
    first: union(firstOf(body), tail.first),
    longest: longestOf(body) === 0 ? tail.longest : longestOf(body) * max + tail.longest,
  };
}

function waysOfCounts(ways: number, min: number, max: number): number {
  let sum = 0;
  for (let count = min; count <= max && sum <= WAYS_MAX; count++) sum += ways ** count;
  return sum;
}

/**
 * V8 forgets a loop's groups in each round and rounds that took nothing, RE2 keeps them. No
 * difference for a group that is the whole body.
 */
const reportsSameGroups = (body: RegexNode): boolean =>
  groupsIn(body) === 0 || (body.kind === 'group' && groupsIn(body.body) === 0);
