/** Runs the tests of one file, each in a gateway of its own. */
import type { Diagnostic } from '../../config/diagnostic.ts';
import type { ConfigPath, RelatedPlace } from '../../errors.ts';
import type { Config, PluginEntity } from '../../config/types.ts';
import type { EntitySources } from '../../gateway/compile.ts';
import type { PluginSet } from '../../gateway/plugins.ts';
import type { Logger } from '../../log.ts';
import type { PluginPhases } from '../../plugin.ts';
import type { Keysets } from '../../services.ts';
import type { Settings } from '../../settings/types.ts';
import { parseLifetime } from '../lifetime.ts';
import { openSession, type Session, type SessionResult } from '../session.ts';
import { fakeServers, upstreamAnswer, type FakedServers } from './answers.ts';
import { shown, type Mismatch } from './compare.ts';
import { compareResult } from './expectations.ts';
import type { TestKey } from './keys.ts';
import { makeRequest } from './request.ts';
import type { LoadedTests, StepRecipe, TestRecipe, UpstreamRecipes } from './test-file.ts';

/** What all tests of a file share. */
export interface TestBench {
  readonly tests: LoadedTests;
  readonly config: Config;
  readonly sources: EntitySources | undefined;
  /** Those that the config was loaded with. */
  readonly plugins: PluginSet | undefined;
  readonly settings: Settings;
  readonly keys: ReadonlyMap<string, TestKey>;
  /** Keys that take long to make are made once. */
  readonly keysets: Keysets;
}

export interface TestResult {
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly seconds: number;
}

/** Runs the test at that place of the list. Rejects on our own bugs only. */
export async function runTest(bench: TestBench, index: number): Promise<TestResult> {
  const begun = performance.now();
  const recipe = bench.tests.recipe.tests[index];
  if (recipe === undefined) throw new RangeError(`there is no test ${index}`);
  const run = openRun(bench, recipe, ['tests', index]);
  try {
    const diagnostics = await runSteps(run);
    return { name: recipe.name, diagnostics, seconds: (performance.now() - begun) / 1000 };
  } finally {
    await run.session.close();
  }
}

/** One test while it runs. */
interface Run extends RunState {
  readonly bench: TestBench;
  readonly recipe: TestRecipe;
  readonly path: ConfigPath;
  readonly session: Session;
  readonly servers: FakedServers;
  /** What plugins and gateway logged as errors. */
  readonly errors: string[];
}

interface RunState {
  /** The plugin that answered the last request. */
  answeredBy: string | undefined;
  /** Milliseconds since the epoch; stands still but for `after`. */
  clock: number;
  /** The upstream's answers of the step, in their order. */
  upstream: UpstreamRecipes;
  tried: number;
}

function openRun(bench: TestBench, recipe: TestRecipe, path: ConfigPath): Run {
  const file = bench.tests.recipe;
  const servers = fakeServers({ ...file.servers, ...recipe.servers }, bench.keys);
  const errors: string[] = [];
  const now = recipe.now ?? file.now;
  const state: RunState = {
    answeredBy: undefined,
    clock: now === undefined ? Date.now() : Date.parse(now),
    upstream: {},
    tried: 0,
  };
  const { config, sources, plugins, settings, keysets } = bench;
  const session = openSession(
    config,
    { sources, plugins },
    {
      settings,
      log: collectErrors(errors),
      now: () => state.clock,
      outbound: servers.outbound,
      keysets,
      upstream: () => upstreamAnswer(nextAnswer(state)),
      wrapPhases: (entity, phases) => noteAnswers(entity, phases, state),
    },
  );
  return Object.assign(state, { bench, recipe, path, session, servers, errors });
}

function nextAnswer(state: RunState) {
  const { upstream } = state;
  if (!isList(upstream)) return upstream;
  const answer = upstream[Math.min(state.tried, upstream.length - 1)] ?? {};
  state.tried += 1;
  return answer;
}

const isList = (
  upstream: UpstreamRecipes,
): upstream is Extract<UpstreamRecipes, readonly unknown[]> => Array.isArray(upstream);

function noteAnswers({ name }: PluginEntity, phases: PluginPhases, state: RunState): PluginPhases {
  const { access } = phases;
  if (access === undefined) return phases;
  return {
    ...phases,
    access(ctx) {
      const result = access(ctx);
      if (result instanceof Promise) {
        return result.then((response) => {
          if (response !== undefined) state.answeredBy = name;
          return response;
        });
      }
      if (result !== undefined) state.answeredBy = name;
      return result;
    },
  };
}

function collectErrors(errors: string[]): Logger {
  const note = (fields: object, message: string): void => {
    const error: unknown = Reflect.get(fields, 'err');
    errors.push(error instanceof Error ? `${message}: ${error.message}` : message);
  };
  const log: Logger = {
    debug() {},
    info() {},
    warn() {},
    error: note,
    fatal: note,
    child: () => log,
  };
  return log;
}

/** Steps up to the first one that does not come as expected. */
async function runSteps(run: Run): Promise<readonly Diagnostic[]> {
  for (const { step, path } of stepsOf(run)) {
    // oxlint-disable-next-line no-await-in-loop -- a sequence
    const diagnostics = await runStep(run, step, path);
    if (diagnostics.length > 0) return diagnostics;
  }
  return [];
}

interface PlacedStep {
  readonly step: StepRecipe;
  readonly path: ConfigPath;
}

function stepsOf({ recipe, path }: Run): readonly PlacedStep[] {
  const { request, steps = [] } = recipe;
  if (request !== undefined) return [{ step: { ...recipe, request }, path }];
  return steps.map((step, i) => ({ step, path: [...path, 'steps', i] }));
}

async function runStep(run: Run, step: StepRecipe, path: ConfigPath): Promise<Diagnostic[]> {
  const { bench, recipe } = run;
  const { repeat = 1, expect = {}, after } = step;
  if (after !== undefined) run.clock += (parseLifetime(after) ?? 0) * 1000;
  run.upstream = step.upstream ?? recipe.upstream ?? bench.tests.recipe.upstream ?? {};
  run.tried = 0;
  for (let i = 1; i <= repeat; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is tested
    const outcome = await sendOne(run, step);
    if (typeof outcome === 'string') return [cannotRun(run, path, outcome)];
    const mismatches = compareResult(expect, outcome);
    if (mismatches.length > 0) {
      const which = whichOf(run, path, { i, repeat });
      return mismatches.map((mismatch) => diagnosticOf(run, outcome, { mismatch, path, which }));
    }
  }
  return [];
}

/** What came of it, or why it cannot be sent. */
async function sendOne(run: Run, { request }: StepRecipe): Promise<SessionResult | string> {
  const { bench, session, clock } = run;
  const { config, keys } = bench;
  run.answeredBy = undefined;
  try {
    const workshop = { config, keys, now: Math.floor(clock / 1000) };
    return await session.send(await makeRequest(request, session.gateway, workshop));
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** ` (step 2, request 3 of 101)`; empty where there is only one. */
function whichOf(
  { recipe }: Run,
  path: ConfigPath,
  { i, repeat }: { readonly i: number; readonly repeat: number },
): string {
  const parts = [
    ...(recipe.steps === undefined ? [] : [`step ${Number(path.at(-1)) + 1}`]),
    ...(repeat === 1 ? [] : [`request ${i} of ${repeat}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function cannotRun({ bench, recipe }: Run, path: ConfigPath, reason: string): Diagnostic {
  const place = [...path, 'request'];
  return {
    code: 'SB3002',
    severity: 'error',
    message: `${recipe.name}: the request cannot be made: ${reason}`,
    help: 'correct the request, or its token',
    path: place,
    range: bench.tests.locate(place, 'name'),
    related: [],
  };
}

interface Failure {
  readonly mismatch: Mismatch;
  /** Of the step. */
  readonly path: ConfigPath;
  readonly which: string;
}

function diagnosticOf(
  run: Run,
  result: SessionResult,
  { mismatch, path, which }: Failure,
): Diagnostic {
  const { subject, expected, got } = mismatch;
  const place = [...path, 'expect', ...mismatch.path];
  return {
    code: 'SB3001',
    severity: 'error',
    message: `${run.recipe.name}${which}: ${subject} is ${got}, expected ${expected}`,
    help: whatCame(run, result),
    path: place,
    range: run.bench.tests.locate(place),
    related: notesOf(run),
  };
}

/** One sentence, for who wants to know why. */
function whatCame({ answeredBy }: Run, { answer, asked, ctx }: SessionResult): string {
  const route =
    ctx.route === undefined
      ? 'no route takes it'
      : `route ${ctx.route.name ?? ctx.route.id} takes it`;
  const body = answer.body.length === 0 ? '' : ` ${shown(answer.body.toString('utf8'))}`;
  if (asked.length > 0) {
    const [last] = asked.slice(-1);
    return `${route}, the upstream is asked ${last?.method ?? ''} ${last?.path ?? ''}, and the answer is ${answer.status}${body}`;
  }
  const by = answeredBy === undefined ? 'the gateway' : `the plugin ${answeredBy}`;
  return `${route}, and ${by} answers ${answer.status}${body}`;
}

function notesOf({ servers, errors }: Run): RelatedPlace[] {
  const missed = [...servers.missed].map(
    (call) => `the gateway asked ${call}, where no server of the test is (servers:)`,
  );
  const logged = [...new Set(errors)].map((error) => `the gateway logged: ${error}`);
  return [...missed, ...logged].map((message) => ({ message, range: undefined }));
}
