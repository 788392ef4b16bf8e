/** What is to be changed in a document's value: single edits by path, and the value they make of it. */
import { isFields } from '../config/checks/field-issue.ts';
import type { ConfigPath } from '../errors.ts';

/** Plain data to be written. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** Paths are those of the value before any edit. */
export type ValueEdit =
  /** A member that may be missing, and so may the records around it. */
  | { readonly op: 'set'; readonly path: ConfigPath; readonly value: PlainValue }
  | { readonly op: 'remove'; readonly path: ConfigPath }
  /** At the end of a list that may be missing. */
  | { readonly op: 'append'; readonly path: ConfigPath; readonly value: PlainValue };

/** All edits of one value. */
export type Change =
  { readonly kind: 'set'; readonly value: PlainValue } | { readonly kind: 'remove' } | InnerChange;

export interface InnerChange {
  readonly kind: 'inside';
  readonly members: Map<string | number, Change>;
  readonly appended: PlainValue[];
}

const inside = (): InnerChange => ({ kind: 'inside', members: new Map(), appended: [] });

/** The edits as one tree; the later of two that contradict each other counts. */
export function changeOf(edits: readonly ValueEdit[]): InnerChange {
  const root = inside();
  for (const edit of edits) {
    const last = edit.path.at(-1);
    if (edit.op === 'append') {
      innerAt(root, edit.path).appended.push(edit.value);
    } else if (last !== undefined) {
      const change: Change =
        edit.op === 'set' ? { kind: 'set', value: edit.value } : { kind: 'remove' };
      innerAt(root, edit.path.slice(0, -1)).members.set(last, change);
    }
  }
  return root;
}

function innerAt(root: InnerChange, path: ConfigPath): InnerChange {
  let at = root;
  for (const step of path) {
    const known = at.members.get(step);
    if (known?.kind === 'inside') {
      at = known;
      continue;
    }
    const made = inside();
    at.members.set(step, made);
    at = made;
  }
  return at;
}

/** The value with the change in it; `undefined` when nothing is left of it. Nothing is shared with `value`. */
export function applyChange(value: unknown, change: Change): unknown {
  if (change.kind === 'set') return copyOf(change.value);
  if (change.kind === 'remove') return undefined;
  const { members, appended } = change;
  const isList = Array.isArray(value) || (appended.length > 0 && members.size === 0);
  if (isList) {
    const kept = (Array.isArray(value) ? value : []).flatMap((item: unknown, index) => {
      const inner = members.get(index);
      const changed = inner === undefined ? copyOf(item) : applyChange(item, inner);
      return changed === undefined ? [] : [changed];
    });
    return [...kept, ...appended.map(copyOf)];
  }
  const record = new Map(isFields(value) ? Object.entries(value) : []);
  const result = new Map([...record].map(([name, member]) => [name, copyOf(member)]));
  for (const [step, inner] of members) {
    const name = String(step);
    const changed = applyChange(record.get(name), inner);
    if (changed === undefined) result.delete(name);
    else result.set(name, changed);
  }
  return Object.fromEntries(result);
}

/** Aliases are two places of one value; a copy has two values. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]));
}

/** Narrows what a parser read. */
export function isPlain(value: unknown): value is PlainValue {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return isFields(value) && Object.values(value).every(isPlain);
}
