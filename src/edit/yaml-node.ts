/** Plain values as nodes of a YAML text, written so that YAML 1.1 and 1.2 read them alike. */
import type * as Yaml from 'yaml';
import { parseText } from '../config/parse.ts';

/** The package, which is loaded when it is needed. */
export type YamlApi = typeof Yaml;

/** Plain data to be written. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/** A node for a document of texts only (`failsafe`): a plain scalar there is what it says. */
export function nodeOf(yaml: YamlApi, value: PlainValue): Yaml.Node {
  if (Array.isArray(value)) {
    const list = new yaml.YAMLSeq();
    for (const element of value) list.add(nodeOf(yaml, element));
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const map = new yaml.YAMLMap();
    for (const [name, member] of Object.entries(value)) {
      map.add(new yaml.Pair(nodeOf(yaml, name), nodeOf(yaml, member)));
    }
    return map;
  }
  const scalar = new yaml.Scalar(String(value));
  scalar.type = typeof value === 'string' ? styleOf(value) : 'PLAIN';
  return scalar;
}

function styleOf(text: string): 'PLAIN' | 'QUOTE_DOUBLE' | 'BLOCK_LITERAL' {
  if (text.includes('\n')) return 'BLOCK_LITERAL';
  return readsAs(text) ? 'PLAIN' : 'QUOTE_DOUBLE';
}

/** True when the text itself is what the loader reads, and not a number, a boolean or nothing. */
function readsAs(text: string): boolean {
  try {
    const { value } = parseText(`- ${text}\n`, 'yaml', '');
    return Array.isArray(value) && value[0] === text;
  } catch {
    return false;
  }
}
