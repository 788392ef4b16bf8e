/** The rules about JSON bodies, in Kong's order: remove, rename, replace, add, append. Top-level members only. */
import type { ResponseTransformerConfig } from '../../config/schema-types.ts';
import { isThere, readMembers, withAppended, writeMembers } from '../../http/json-members.ts';
import { splitNameValue } from '../../http/name-value.ts';
import type { Immutable } from '../../plugin.ts';

type JsonType = 'boolean' | 'number' | 'string';

interface JsonRule {
  readonly name: string;
  readonly value: unknown;
}

/** `undefined` when there is nothing to do; else a function that gives `undefined` for what is no JSON object. */
export function compileBodyRules(
  config: Immutable<ResponseTransformerConfig>,
): ((body: Buffer) => Buffer | undefined) | undefined {
  const remove = pairsOf(config.remove.json);
  const rename = pairsOf(config.rename.json).filter(({ value }) => value !== '');
  const replace = rulesOf(config.replace);
  const add = rulesOf(config.add);
  const append = rulesOf(config.append);
  if ([remove, rename, replace, add, append].every((rules) => rules.length === 0)) return undefined;
  return (body) => {
    const members = readMembers(body);
    if (members === undefined) return undefined;
    for (const { name } of remove) members.delete(name);
    for (const { name, value: newName } of rename) {
      if (!members.has(name)) continue;
      const value = members.get(name);
      members.delete(name);
      members.set(newName, value);
    }
    for (const { name, value } of replace) if (isThere(members, name)) members.set(name, value);
    for (const { name, value } of add) if (!isThere(members, name)) members.set(name, value);
    for (const { name, value } of append) {
      members.set(name, withAppended(members.get(name), value));
    }
    return writeMembers(members);
  };
}

const pairsOf = (entries: readonly string[]) =>
  entries.flatMap((entry) => splitNameValue(entry) ?? []);

/** A value that is not of its type makes no rule. */
function rulesOf(part: {
  readonly json: readonly string[];
  readonly json_types: readonly JsonType[];
}): JsonRule[] {
  return part.json.flatMap((entry, i) => {
    const pair = splitNameValue(entry);
    const value = pair === undefined ? undefined : typed(pair.value, part.json_types[i]);
    return pair === undefined || value === undefined ? [] : [{ name: pair.name, value }];
  });
}

/** Kong writes no value as the text `null`. */
function typed(text: string, type: JsonType | undefined): unknown {
  const value = text === '' ? 'null' : text;
  switch (type) {
    case 'boolean':
      return value === 'true';
    case 'number':
      return /^\s*[-+]?(?:0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*$/i.test(value)
        ? numberOf(value.trim())
        : undefined;
    case 'string':
    case undefined:
      return value;
  }
}

function numberOf(text: string): number | undefined {
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/.exec(text) ?? [];
  const number = Number(digits) * (sign === '-' ? -1 : 1);
  return Number.isFinite(number) ? number : undefined;
}
