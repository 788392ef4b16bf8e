/** Plugins that say when they run and what they decide, for `token explain`. */
import type { GatewayResponse } from '../http/response.ts';
import type { PluginPhases, Trace } from '../plugin.ts';

/** The same phases; `trace` hears that the access phase ran, and that it answered if it did. */
export function tracePhases(phases: PluginPhases, trace: Trace): PluginPhases {
  const { access } = phases;
  if (access === undefined) return phases;
  const report = (response: GatewayResponse | undefined): GatewayResponse | undefined => {
    if (response === undefined) trace.passed('decision', 'lets the request pass');
    else trace.failed('decision', `answers ${response.status}; later plugins do not run`);
    return response;
  };
  return {
    ...phases,
    access(ctx) {
      const result = access(ctx);
      return result instanceof Promise ? result.then(report) : report(result);
    },
  };
}
