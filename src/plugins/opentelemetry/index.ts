/** Passes trace contexts on, and reports spans and log lines over OTLP. Kong: opentelemetry. */
import type { OpentelemetryConfig } from '../../config/schema-types.ts';
import { definePlugin } from '../../plugin.ts';
import { compileLogs } from './logs.ts';
import { createEncoder } from './otlp.ts';
import { compileTraces } from './traces.ts';

export const opentelemetry = definePlugin<OpentelemetryConfig>({
  name: 'opentelemetry',
  priority: 14,
  compile(config, build) {
    const encoder = createEncoder();
    const traces = compileTraces(config, build, encoder);
    const logs = compileLogs(config, build, { encoder, flagsOf: (ctx) => traces?.flagsOf(ctx) });
    return {
      ...traces?.phases,
      log(ctx, outcome) {
        traces?.phases.log?.(ctx, outcome);
        logs?.log?.(ctx, outcome);
      },
      async close() {
        await Promise.all([traces?.phases.close?.(), logs?.close?.()]);
      },
    };
  },
});
