/**
 * SB2002, SB2003: credentials in the query, where access logs, browser histories and the Referer of
 * the next page show them. Both are Kong's defaults: entries that only follow the default share one
 * warning, so that a file has at most one of each that it did not ask for.
 */
import type { PluginEntity } from '../../config/types.ts';
import { count } from '../names.ts';
import { settingOf, textsOf } from '../plugin-view.ts';
import { at, others, type Finding, type Place, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

export const tokenInQuery: Rule = {
  code: 'SB2002',
  check: (view) =>
    findingsFor(view, {
      plugin: 'jwt',
      field: 'uri_param_names',
      isOpen: (entry) => textsOf(entry, 'uri_param_names').length > 0,
      what: 'tokens',
      help: 'set config.uri_param_names: [] unless a client can send no header',
    }),
};

export const keyInQuery: Rule = {
  code: 'SB2003',
  check: (view) =>
    findingsFor(view, {
      plugin: 'key-auth',
      field: 'key_in_query',
      isOpen: (entry) => settingOf(entry, 'key_in_query') === true,
      what: 'keys',
      help: 'set config.key_in_query: false unless a client can send no header',
    }),
};

interface QueryCheck {
  readonly plugin: string;
  readonly field: string;
  readonly isOpen: (entry: PluginEntity) => boolean;
  readonly what: string;
  readonly help: string;
}

function findingsFor(view: LintView, check: QueryCheck): readonly Finding[] {
  const { plugin, field, isOpen, what, help } = check;
  const open = view.inOrder(view.plugins.named(plugin).filter(isOpen));
  const chosen = open.filter((entry) => view.isWritten(entry, 'config', field));
  const byDefault = open.filter((entry) => !view.isWritten(entry, 'config', field));
  const findings = chosen.map((entry): Finding => ({
    message: `this ${plugin} plugin takes ${what} from the query, where logs and browser histories keep them`,
    help,
    at: at(entry, 'config', field),
  }));
  const places = byDefault.map((entry): Place => at(entry, 'name'));
  const [first, ...rest] = places;
  if (first === undefined) return findings;
  const subject =
    rest.length === 0
      ? `this ${plugin} plugin takes`
      : `${count(places.length, `${plugin} plugin`)} take`;
  findings.push({
    message: `${subject} ${what} from the query by default, where logs and browser histories keep them`,
    help,
    at: first,
    related: others(rest, 'this one too'),
  });
  return findings;
}
