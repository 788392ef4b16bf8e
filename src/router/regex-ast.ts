/** What a regex means, after parsing: flags, classes and case are resolved to sets of characters. */
import { NOTHING, union, type CodePoints } from './code-points.ts';

export type RegexNode =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'concat'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'alternation'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'group'; readonly body: RegexNode; readonly name: string | undefined }
  | RepeatNode;

export interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: RegexNode;
  readonly min: number;
  /** Infinity when open. */
  readonly max: number;
  readonly lazy: boolean;
}

export type Assertion =
  | 'start'
  | 'end'
  | 'line-start'
  | 'line-end'
  | 'word'
  | 'not-word'
  | 'ascii-word'
  | 'not-ascii-word';

/** Can it match without taking a character? Assertions count as able to. */
export function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'assert':
      return true;
    case 'concat':
      return node.parts.every(isNullable);
    case 'alternation':
      return node.branches.some(isNullable);
    case 'group':
      return isNullable(node.body);
    case 'repeat':
      return node.min === 0 || isNullable(node.body);
  }
}

/** The characters a match of it can begin with. */
export function firstOf(node: RegexNode): CodePoints {
  switch (node.kind) {
    case 'set':
      return node.set;
    case 'assert':
      return NOTHING;
    case 'concat': {
      const end = node.parts.findIndex((part) => !isNullable(part));
      const reachable = end === -1 ? node.parts : node.parts.slice(0, end + 1);
      return reachable.map(firstOf).reduce(union, NOTHING);
    }
    case 'alternation':
      return node.branches.map(firstOf).reduce(union, NOTHING);
    case 'group':
    case 'repeat':
      return firstOf(node.body);
  }
}

/** The most characters a match can take; Infinity when open. */
export function longestOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'assert':
      return 0;
    case 'concat':
      return node.parts.reduce((sum, part) => sum + longestOf(part), 0);
    case 'alternation':
      return Math.max(...node.branches.map(longestOf));
    case 'group':
      return longestOf(node.body);
    case 'repeat': {
      const body = longestOf(node.body);
      return body === 0 || node.max === 0 ? 0 : body * node.max;
    }
  }
}

/** How many groups it has. */
export function groupsIn(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'assert':
      return 0;
    case 'concat':
      return node.parts.reduce((sum, part) => sum + groupsIn(part), 0);
    case 'alternation':
      return node.branches.reduce((sum, branch) => sum + groupsIn(branch), 0);
    case 'group':
      return 1 + groupsIn(node.body);
    case 'repeat':
      return groupsIn(node.body);
  }
}

/** The name of each group in order of its opening parenthesis; `undefined` for one without. */
export function groupNames(node: RegexNode): (string | undefined)[] {
  switch (node.kind) {
    case 'set':
    case 'assert':
      return [];
    case 'concat':
      return node.parts.flatMap(groupNames);
    case 'alternation':
      return node.branches.flatMap(groupNames);
    case 'group':
      return [node.name, ...groupNames(node.body)];
    case 'repeat':
      return groupNames(node.body);
  }
}

/** True when a match can only be at the very start of the text. */
export function isAnchored(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
    case 'repeat':
      return false;
    case 'assert':
      return node.what === 'start';
    case 'concat':
      return node.parts[0] !== undefined && isAnchored(node.parts[0]);
    case 'alternation':
      return node.branches.every(isAnchored);
    case 'group':
      return isAnchored(node.body);
  }
}

/** The text every match of an anchored regex begins with, as far as it is certain. */
export function literalStart(node: RegexNode): string {
  return isAnchored(node) ? literalOf(node).text : '';
}

function literalOf(node: RegexNode): { text: string; whole: boolean } {
  switch (node.kind) {
    case 'set':
      return node.set.length === 2 && node.set[0] === node.set[1]
        ? { text: String.fromCodePoint(node.set[0] ?? 0), whole: true }
        : { text: '', whole: false };
    case 'assert':
      return { text: '', whole: node.what === 'start' };
    case 'group':
      return literalOf(node.body);
    case 'concat': {
      let text = '';
      for (const part of node.parts) {
        const literal = literalOf(part);
        text += literal.text;
        if (!literal.whole) return { text, whole: false };
      }
      return { text, whole: true };
    }
    case 'alternation':
    case 'repeat':
      return { text: '', whole: false };
  }
}
