/** Texts that a regular expression matches: witnesses, not all of them. */
import type { CodePoints } from '../router/code-points.ts';
import type { RegexNode } from '../router/regex-ast.ts';
import type { PathRule } from './route-conditions.ts';

/** What a character is when the pattern leaves the choice, in order of preference. */
const TASTES: readonly string[] = ['a1-_/', '1a-_/'];
const REPEATS_MAX = 3;

/** Request paths that fit the rule; none where no sample was found. */
export function samplesOf(rule: PathRule): readonly string[] {
  switch (rule.kind) {
    case 'any':
      return [];
    case 'prefix':
      return [rule.text];
    case 'regex':
      return [...new Set(TASTES.map((taste) => sampleOf(rule.root, taste)))].filter(
        (text) => text.startsWith('/') && rule.test(text),
      );
  }
}

function sampleOf(node: RegexNode, taste: string): string {
  switch (node.kind) {
    case 'set':
      return characterOf(node.set, taste);
    case 'assert':
      return '';
    case 'concat':
      return node.parts.map((part) => sampleOf(part, taste)).join('');
    case 'alternation':
      return node.branches[0] === undefined ? '' : sampleOf(node.branches[0], taste);
    case 'group':
      return sampleOf(node.body, taste);
    case 'repeat':
      return sampleOf(node.body, taste).repeat(
        Math.min(REPEATS_MAX, Math.max(node.min, Math.min(1, node.max))),
      );
  }
}

function characterOf(set: CodePoints, taste: string): string {
  for (const character of taste) {
    if (holds(set, character.codePointAt(0) ?? 0)) return character;
  }
  return set[0] === undefined ? '' : String.fromCodePoint(set[0]);
}

function holds(set: CodePoints, point: number): boolean {
  for (let i = 0; i < set.length; i += 2) {
    if (point >= (set[i] ?? 0) && point <= (set[i + 1] ?? 0)) return true;
  }
  return false;
}
