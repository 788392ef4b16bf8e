/** SB2041: a disabled entry switches nothing off where a wider one of its name is enabled: that one runs. */
import type { PluginEntity } from '../../config/types.ts';
import { calledPlugin } from '../names.ts';
import { at, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

export const disabledEntry: Rule = {
  code: 'SB2041',
  check: (view) =>
    view.entities.plugins
      .filter((entry) => !entry.enabled)
      .flatMap((entry) => {
        const wider = widerEntry(entry, view);
        if (wider === undefined) return [];
        return {
          message: `this disabled entry does not switch ${calledPlugin(entry)} off: the one with the wider scope runs instead`,
          help: 'enable it with settings that do nothing, or narrow the scope of the other',
          at: at(entry, 'enabled'),
          related: [{ message: 'this one runs', at: at(wider, 'name') }],
        };
      }),
};

function widerEntry(entry: PluginEntity, view: LintView): PluginEntity | undefined {
  if (entry.consumer !== null || (entry.route === null && entry.service === null)) return undefined;
  const [affected] = view.routesIn(entry);
  return affected && view.plugins.ofRoute(affected).find(({ name }) => name === entry.name);
}
