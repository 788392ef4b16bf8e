/** One request through the compiled phases of one plugin, and all that came of it; and the test of every field. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPluginDefaults } from '../config/defaults.ts';
import { validatePluginConfig } from '../config/validate.ts';
import type { GatewayResponse } from '../http/response.ts';
import type { HeaderList } from '../http/headers.ts';
import type { Plugin, PluginBuild, RequestContext } from '../plugin.ts';
import { FakeContext, fakeBuild, type FakeRequest } from './fake-context.test.fixture.ts';
import { checkPattern } from '../router/regex.ts';

export interface RunOptions {
  readonly request?: FakeRequest;
  /** What other plugins did before. */
  readonly before?: (ctx: RequestContext) => void;
  /** The upstream's answer. */
  readonly response?: {
    readonly status?: number;
    readonly headers?: HeaderList;
    readonly body?: string;
  };
  readonly build?: PluginBuild;
}

/** All that a plugin can change of a request and its answer. */
export interface Observed {
  /** The answer of `access`: then the upstream is not asked. */
  readonly answer: GatewayResponse | undefined;
  readonly upstream: {
    readonly method: string;
    readonly path: string | undefined;
    readonly host: string | undefined;
    readonly query: string;
    readonly headers: HeaderList;
    readonly body: string;
  };
  readonly consumer: string | undefined;
  /** Header fields and body of the answer, as the client gets them. */
  readonly headers: HeaderList;
  readonly body: string;
}

/** Fills in the config's defaults and runs one request. Throws ConfigError for what does not compile. */
export async function runPlugin<C>(
  plugin: Plugin<C>,
  config: Partial<C>,
  { request, before, response = {}, build = fakeBuild() }: RunOptions = {},
): Promise<Observed> {
  const filled = applyPluginDefaults(plugin.name, { ...config });
  // The schema is checked against the type by the generated types; the loader relies on the same.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const phases = plugin.compile(filled as never, build);
  const ctx = new FakeContext(request);
  before?.(ctx);
  const answer = await phases.access?.(ctx);
  const headers = [...(answer?.headers ?? response.headers ?? [])];
  const status = answer?.status ?? response.status ?? 200;
  phases.headerFilter?.(ctx, { status, headers, source: answer?.kind ?? 'upstream' });
  const chunks = [Buffer.from(response.body ?? ''), undefined].map((chunk) =>
    phases.bodyFilter === undefined ? chunk : phases.bodyFilter(ctx, chunk),
  );
  await phases.close?.();
  return {
    answer,
    upstream: {
      method: ctx.upstreamMethod,
      path: ctx.upstreamPath,
      host: ctx.upstreamHost,
      query: ctx.rawQuery,
      headers: ctx.headers,
      body: ctx.upstreamBody.toString(),
    },
    consumer: ctx.consumer?.username ?? undefined,
    headers,
    body: Buffer.concat(chunks.filter((chunk) => chunk !== undefined)).toString(),
  };
}

/** What shows that a field is honoured. */
export interface FieldCase<C> extends RunOptions {
  /** Dotted name of the field. */
  readonly field: string;
  /** The config with the field. */
  readonly set: Partial<C>;
  /** The config without it; absent: the defaults. */
  readonly unset?: Partial<C>;
  /** What the field leads to. */
  readonly expect: (observed: Observed) => void;
}

/**
 * One test per case: the same request must end differently with the field and without, and with it as
 * expected. `test/published-fields.test.ts` looks for the names of all fields in the plugin's test.
 */
export function testFields<C>(plugin: Plugin<C>, cases: readonly FieldCase<C>[]): void {
  for (const { field, set, unset = {}, expect, ...options } of cases) {
    test(`${plugin.name} honours ${field}`, async () => {
      assert.deepEqual(problemsOf(plugin, set), []);
      const [without, observed] = [
        await runPlugin(plugin, unset, options),
        await runPlugin(plugin, set, options),
      ];
      assert.notDeepEqual(observed, without, 'the field makes no difference');
      expect(observed);
    });
  }
}

/** The messages of a config that is refused. */
export const problemsOf = <C>({ name }: Plugin<C>, config: Partial<C>): readonly string[] =>
  validatePluginConfig(name, config, { checkRegex: checkPattern }).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
