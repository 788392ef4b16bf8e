/** Plugins whose phases are spans of the request, where the settings ask for it. */
import type { PluginPhases, RequestContext } from '../plugin.ts';
import type { RecordedSpan, Tracer } from '../tracing/spans.ts';

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'not an error';

function startSpan(ctx: RequestContext, name: string): RecordedSpan | undefined {
  return ctx.spans?.start(name);
}

/** The same phases; each run of `access` and `headerFilter` is recorded. */
export function instrumentPhases(name: string, phases: PluginPhases, tracer: Tracer): PluginPhases {
  const access = tracer.records('plugin_access') ? phases.access : undefined;
  const headerFilter = tracer.records('plugin_header_filter') ? phases.headerFilter : undefined;
  return {
    ...phases,
    ...(access && { access: recordedAccess(`kong.access.plugin.${name}`, access) }),
    ...(headerFilter && {
      headerFilter: recordedFilter(`kong.header_filter.plugin.${name}`, headerFilter),
    }),
  };
}

type Access = NonNullable<PluginPhases['access']>;

function recordedAccess(name: string, access: Access): Access {
  return (ctx) => {
    const span = startSpan(ctx, name);
    try {
      const result = access(ctx);
      if (result instanceof Promise) return settled(result, span);
      span?.end();
      return result;
    } catch (error) {
      span?.fail(messageOf(error));
      span?.end();
      throw error;
    }
  };
}

async function settled<T>(pending: Promise<T>, span: RecordedSpan | undefined): Promise<T> {
  try {
    return await pending;
  } catch (error) {
    span?.fail(messageOf(error));
    throw error;
  } finally {
    span?.end();
  }
}

type HeaderFilter = NonNullable<PluginPhases['headerFilter']>;

function recordedFilter(name: string, filter: HeaderFilter): HeaderFilter {
  return (ctx, head) => {
    const span = startSpan(ctx, name);
    try {
      filter(ctx, head);
    } finally {
      span?.end();
    }
  };
}
