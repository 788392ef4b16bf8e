/** Plugins that tell what they did to the one request that runs through their gateway. */
import type { PluginEntity } from '../config/types.ts';
import type { GatewayResponse } from '../http/response.ts';
import type { PluginPhases, Trace } from '../plugin.ts';
import { requestChanges, requestState, responseChanges, type Change } from './changes.ts';

/** A step of a plugin's own account (`Trace`). */
export interface Step {
  /** Headings, outermost first; none for the plugin itself. */
  readonly sections: readonly string[];
  readonly mark: 'passed' | 'noted' | 'failed';
  readonly step: string;
  readonly detail: string;
}

/** What one entry did. */
export interface Observation {
  readonly steps: Step[];
  /** `undefined`: its access phase did not run. */
  access: { readonly answer: number | undefined; readonly changes: readonly Change[] } | undefined;
  /** To the answer's head; `undefined`: it did not get to see it. */
  response: readonly Change[] | undefined;
  /** What it does with the answer's body. */
  body: 'changes' | 'reads' | undefined;
  /** It threw, and the request ends with a 500. */
  failed: boolean;
  /** It has a log phase, which runs after the answer. */
  reports: boolean;
}

export interface Watch {
  readonly of: (entityId: string) => Observation | undefined;
  readonly traceOf: (entity: PluginEntity) => Trace;
  readonly wrapPhases: (entity: PluginEntity, phases: PluginPhases) => PluginPhases;
}

/** @param sent the request's body */
export function createWatch(sent: Buffer): Watch {
  const seen = new Map<string, Observation>();
  const observe = ({ id }: PluginEntity): Observation => {
    const observation = seen.get(id) ?? {
      steps: [],
      access: undefined,
      response: undefined,
      body: undefined,
      failed: false,
      reports: false,
    };
    seen.set(id, observation);
    return observation;
  };
  return {
    of: (id) => seen.get(id),
    traceOf: (entity) => recordSteps(observe(entity).steps),
    wrapPhases: (entity, phases) => watched(phases, observe(entity), sent),
  };
}

function recordSteps(steps: Step[], sections: readonly string[] = []): Trace {
  const note =
    (mark: Step['mark']) =>
    (step: string, detail: string): void =>
      void steps.push({ sections, mark, step, detail });
  return {
    section: (title) => recordSteps(steps, [...sections, title]),
    passed: note('passed'),
    noted: note('noted'),
    failed: note('failed'),
  };
}

function watched(phases: PluginPhases, seen: Observation, sent: Buffer): PluginPhases {
  seen.reports = phases.log !== undefined;
  return {
    ...phases,
    ...watchedAccess(phases, seen, sent),
    ...watchedResponse(phases, seen),
  };
}

function watchedAccess(
  { access }: PluginPhases,
  seen: Observation,
  sent: Buffer,
): Pick<PluginPhases, 'access'> {
  if (access === undefined) return {};
  const fail = (error: unknown): never => {
    seen.failed = true;
    throw error;
  };
  return {
    access(ctx) {
      const before = requestState(ctx, sent);
      const note = (response: GatewayResponse | undefined): GatewayResponse | undefined => {
        seen.access = { answer: response?.status, changes: requestChanges(before, ctx) };
        return response;
      };
      try {
        const result = access(ctx);
        return result instanceof Promise ? result.then(note, fail) : note(result);
      } catch (error) {
        return fail(error);
      }
    },
  };
}

function watchedResponse(
  { headerFilter, filtersBody, bodyFilter }: PluginPhases,
  seen: Observation,
): Pick<PluginPhases, 'headerFilter' | 'filtersBody'> {
  return {
    ...(headerFilter && {
      headerFilter(ctx, head) {
        const before = { status: head.status, headers: [...head.headers] };
        headerFilter(ctx, head);
        seen.response = responseChanges(before, head);
      },
    }),
    ...(bodyFilter && {
      filtersBody(ctx, head) {
        const wanted = filtersBody === undefined || filtersBody(ctx, head);
        if (wanted !== false) seen.body = wanted === true ? 'changes' : 'reads';
        return wanted;
      },
    }),
  };
}
