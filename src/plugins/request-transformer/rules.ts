/** The rules of a config, with their templates compiled, once per load. */
import type { RequestTransformerConfig } from '../../config/schema-types.ts';
import { ConfigError, type ConfigIssue, type ConfigPath } from '../../errors.ts';
import { splitNameValue } from '../../http/name-value.ts';
import type { Immutable } from '../../plugin.ts';
import { compileTemplate, type Template } from './template.ts';
import { TemplateError } from './tokens.ts';

export interface ValueRule {
  readonly name: string;
  readonly value: Template;
}

export interface RenameRule {
  readonly name: string;
  readonly newName: Template;
}

/** What is to be done in one place: headers, query, or body. In the order of the members. */
export interface Rules {
  readonly remove: readonly string[];
  readonly rename: readonly RenameRule[];
  readonly replace: readonly ValueRule[];
  readonly add: readonly ValueRule[];
  readonly append: readonly ValueRule[];
}

export interface CompiledRules {
  readonly headers: Rules;
  readonly querystring: Rules;
  readonly body: Rules;
  readonly uri: Template | undefined;
  /** True when any of them looks at the request. */
  readonly isDynamic: boolean;
}

export const hasRules = (rules: Rules): boolean =>
  [rules.remove, rules.rename, rules.replace, rules.add, rules.append].some(
    (list) => list.length > 0,
  );

/** Throws ConfigError with every template that is not understood. */
export function compileRules(config: Immutable<RequestTransformerConfig>): CompiledRules {
  const issues: ConfigIssue[] = [];
  const templates: Template[] = [];

  function compile(source: string, path: ConfigPath): Template {
    try {
      const template = compileTemplate(source);
      templates.push(template);
      return template;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const message = `value '${source}' is not in supported format, error: ${error.message}`;
      issues.push({ path, message });
      return { isDynamic: false, render: () => '' };
    }
  }

  /** Entries without a value do nothing, as with Kong. */
  function pairs(verb: 'rename' | 'replace' | 'add' | 'append', place: Place): ValueRule[] {
    return config[verb][place].flatMap((entry, i) => {
      const { name, value } = splitNameValue(entry) ?? { name: '', value: '' };
      return value === '' ? [] : [{ name, value: compile(value, [verb, place, i]) }];
    });
  }

  const rulesFor = (place: Place): Rules => ({
    remove: config.remove[place].map((entry) => splitNameValue(entry)?.name ?? entry),
    rename: pairs('rename', place).map(({ name, value }) => ({ name, newName: value })),
    replace: pairs('replace', place),
    add: pairs('add', place),
    append: pairs('append', place),
  });

  const { uri } = config.replace;
  const rules = {
    headers: rulesFor('headers'),
    querystring: rulesFor('querystring'),
    body: rulesFor('body'),
    uri: uri === null ? undefined : compile(uri, ['replace', 'uri']),
  };
  if (issues.length > 0) throw new ConfigError(issues);
  return { ...rules, isDynamic: templates.some(({ isDynamic }) => isDynamic) };
}

type Place = 'headers' | 'querystring' | 'body';
