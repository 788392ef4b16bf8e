/**
 * SB2021: regular expressions that one request can keep a backtracking engine busy with (recheck finds
 * the text). This gateway and Kong's default router match in linear time; Kong's `traditional` router
 * and its plugins use PCRE, and other tools read the same file.
 */
import type { PluginEntity } from '../../config/types.ts';
import { settingOf } from '../plugin-view.ts';
import { at, type Finding, type Place, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

interface FoundRegex {
  readonly text: string;
  readonly isAnchored: boolean;
  readonly place: Place;
}

export const explosiveRegex: Rule = {
  code: 'SB2021',
  async check(view) {
    const findings: Finding[] = [];
    for (const { text, isAnchored, place } of regexesOf(view)) {
      // oxlint-disable-next-line no-await-in-loop -- one checker, one regex at a time
      const growth = await view.regexes.check(text, isAnchored);
      if (growth === undefined) continue;
      findings.push({
        message: `a backtracking engine needs ${growth} time for some texts: one request can keep it busy for minutes`,
        help: 'let each character match in one way only, e.g. [^/]+ in place of nested or repeated (…)+ and .*',
        at: place,
      });
    }
    return findings;
  },
};

function regexesOf({ entities, plugins }: LintView): FoundRegex[] {
  return [
    ...entities.routes.flatMap((route) => [
      ...(route.paths ?? []).flatMap((path, index) =>
        path.startsWith('~')
          ? [{ text: path.slice(1), isAnchored: true, place: at(route, 'paths', index) }]
          : [],
      ),
      ...Object.entries(route.headers ?? {}).flatMap(([name, values]) =>
        values.flatMap((value, index) =>
          value.startsWith('~*')
            ? [
                {
                  text: value.slice(2),
                  isAnchored: false,
                  place: at(route, 'headers', name, index),
                },
              ]
            : [],
        ),
      ),
    ]),
    ...plugins.enabled.flatMap(pluginRegexes),
  ];
}

/** Plugin → the fields of its config that hold regular expressions. */
const PLUGIN_REGEXES: ReadonlyMap<string, readonly string[]> = new Map([
  ['bot-detection', ['allow', 'deny']],
  ['cors', ['origins']],
]);

function pluginRegexes(entity: PluginEntity): FoundRegex[] {
  return (PLUGIN_REGEXES.get(entity.name) ?? []).flatMap((field) => {
    const value = settingOf(entity, field);
    if (!Array.isArray(value)) return [];
    return value.flatMap((text: unknown, index) =>
      typeof text === 'string' && text !== '*'
        ? [{ text, isAnchored: false, place: at(entity, 'config', field, index) }]
        : [],
    );
  });
}
