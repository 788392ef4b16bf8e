/** Kong's answer to a body that breaks its schema: a tree of texts, and one sentence with all of them. */
import type { ConfigIssue } from '../errors.ts';
import { entityError, type AdminResponse } from './response.ts';

/** What `violation` needs of a finding; paths are relative to the entity. */
export type FieldFinding = Pick<ConfigIssue, 'path' | 'message' | 'entityLevel'>;

interface Branch {
  readonly members: Map<string | number, Branch | string>;
}

const ENTITY_LEVEL = '@entity';

function branchAt(branch: Branch, key: string | number): Branch {
  const known = branch.members.get(key);
  if (known !== undefined && typeof known !== 'string') return known;
  const made: Branch = { members: new Map() };
  branch.members.set(key, made);
  return made;
}

/** A field keeps its first text; rules about a whole entity are listed under `@entity`. */
function treeOf(findings: readonly FieldFinding[]): Branch {
  const root: Branch = { members: new Map() };
  for (const { path, message, entityLevel } of findings) {
    let branch = root;
    const parents = entityLevel === true ? path : path.slice(0, -1);
    for (const step of parents) branch = branchAt(branch, step);
    const leaf = path.at(-1);
    if (entityLevel === true) {
      const { members } = branchAt(branch, ENTITY_LEVEL);
      members.set(members.size, message);
    } else if (leaf !== undefined && !branch.members.has(leaf)) branch.members.set(leaf, message);
  }
  return root;
}

const isList = ({ members }: Branch): boolean =>
  members.size > 0 && [...members.keys()].every((key) => typeof key === 'number');

/** Lists are padded with null up to the element that is wrong. */
function toJson(node: Branch | string): unknown {
  if (typeof node === 'string') return node;
  const entries = [...node.members].map(([key, child]) => [key, toJson(child)] as const);
  if (!isList(node)) return Object.fromEntries(entries);
  const elements = new Map<string | number, unknown>(entries);
  const length = Math.max(...entries.map(([key]) => Number(key))) + 1;
  return Array.from({ length }, (_, position) => elements.get(position) ?? null);
}

/** Names as Kong writes them in sentences: positions count from 1. */
function sortedMembers({ members }: Branch): readonly (readonly [string, Branch | string])[] {
  return [...members]
    .map(([key, child]) => [typeof key === 'number' ? String(key + 1) : key, child] as const)
    .toSorted(([a], [b]) => {
      if (a === b) return 0;
      return a < b ? -1 : 1;
    });
}

/** A Lua table over several lines, as Kong prints what is nested too deep for a dotted name. */
function toLua(node: Branch | string, indent: string): string {
  if (typeof node === 'string') return JSON.stringify(node);
  const inner = `${indent}  `;
  const lines = sortedMembers(node).map(([name, child], position) => {
    const value = toLua(child, inner);
    if (name === String(position + 1)) return `${inner}${value}`;
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : luaKey(name);
    return `${inner}${key} = ${value}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

const luaKey = (name: string): string => (/^\d+$/.test(name) ? `[${name}]` : `["${name}"]`);

function sentences(root: Branch): readonly string[] {
  const rules = root.members.get(ENTITY_LEVEL);
  const whole =
    rules === undefined || typeof rules === 'string'
      ? []
      : [...rules.members.values()].filter((text) => typeof text === 'string');
  const byField = sortedMembers(root)
    .filter(([name]) => name !== ENTITY_LEVEL)
    .flatMap(([name, node]) => {
      if (typeof node === 'string') return [`${name}: ${node}`];
      return sortedMembers(node).map(([child, text]) => {
        const shown = typeof text === 'string' ? text : toLua(text, '');
        return `${name}.${child}: ${shown}`;
      });
    });
  return [...whole, ...byField];
}

/** The 400 for findings, of which there is at least one. */
export function violation(findings: readonly FieldFinding[]): AdminResponse {
  const root = treeOf(findings);
  const texts = sentences(root);
  const count = texts.length === 1 ? 'schema violation' : `${texts.length} schema violations`;
  return entityError('schema violation', `${count} (${texts.join('; ')})`, {
    fields: toJson(root),
  });
}
