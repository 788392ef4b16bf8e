/**
 * A YAML text whose members can be put in order, and which keeps everything else: comments, anchors, the
 * spelling of values. The `yaml` package is loaded when the first text is opened.
 */
import type * as Yaml from 'yaml';
import type { ConfigPath } from '../errors.ts';
import { sortAll, type MemberOrder, type YamlApi } from './yaml-order.ts';

export type { MemberOrder } from './yaml-order.ts';

export interface YamlText {
  /** The text of a plain or quoted value; `undefined` where none is. */
  scalarAt(path: ConfigPath): string | undefined;
  /** Puts the members of every mapping in order; where that would part an alias from its anchor, nothing moves. */
  sortMembers(order: MemberOrder): void;
  toString(): string;
}

/** Why a text cannot be formatted or edited. */
export class UneditableTextError extends Error {}

/** Opens the only document of a text. Rejects with UneditableTextError for what is no YAML, or several documents. */
export async function openYaml(text: string): Promise<YamlText> {
  const yaml = await import('yaml');
  const documents = yaml.parseAllDocuments(text, parseOptions(yaml));
  const [document, ...others] = Array.isArray(documents) ? documents : [];
  if (document === undefined) throw new UneditableTextError('there is no document in it');
  if (others.length > 0) {
    throw new UneditableTextError('it holds several documents, and only the first would be loaded');
  }
  const [problem] = document.errors;
  if (problem !== undefined) throw new UneditableTextError(problem.message);
  return editable(yaml, document);
}

/** Every comment of a text, in order. */
export async function commentsOf(text: string): Promise<readonly string[]> {
  const { Lexer } = await import('yaml');
  return [...new Lexer().lex(text)]
    .filter((token) => token.startsWith('#'))
    .map((token) => token.trim());
}

/** Every plain value stays the text it is: what it means is not for an editor to say, and 010 stays 010. */
function parseOptions(
  yaml: YamlApi,
): Yaml.ParseOptions & Yaml.DocumentOptions & Yaml.SchemaOptions {
  const nothing: Yaml.ScalarTag = {
    tag: 'tag:yaml.org,2002:null',
    default: true,
    test: /^$/,
    identify: (value) => value === null,
    resolve: () => new yaml.Scalar(null),
    stringify: () => '',
  };
  return {
    schema: 'failsafe',
    customTags: (tags) => [nothing, ...tags],
    strict: false,
    uniqueKeys: false,
    logLevel: 'silent',
  };
}

function editable(yaml: YamlApi, document: Yaml.Document): YamlText {
  return {
    scalarAt(path) {
      const value: unknown = document.getIn(path);
      return typeof value === 'string' ? value : undefined;
    },
    sortMembers: (order) => sortAll(yaml, document, order),
    toString: () =>
      document.toString({ lineWidth: 0, indentSeq: true, flowCollectionPadding: true }),
  };
}
