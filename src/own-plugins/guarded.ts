/**
 * The phases of an own plugin with their results looked at: what the gateway could only stumble over
 * later becomes an error where it is caught and logged.
 */
import { ConfigError } from '../errors.ts';
import { isObject } from '../http/json.ts';
import type { GatewayResponse } from '../http/response.ts';
import type { Logger } from '../log.ts';
import type { PluginPhases } from '../plugin.ts';

/** The members of what `compile` gives that are called. */
export const PHASES: readonly string[] = [
  'access',
  'headerFilter',
  'filtersBody',
  'bodyFilter',
  'log',
  'close',
];
const OTHERS = ['logCounts', 'secretQueryNames', 'secretHeaderNames', 'measures'];

/** What `compile` gave, as phases that can be run. Throws ConfigError. */
export function guardPhases(given: unknown, log: Logger): PluginPhases {
  if (given instanceof Promise) {
    given.catch(() => undefined);
    throw refusal("'compile' must not be async; wait at the top of the module instead");
  }
  if (!isPhases(given)) {
    const names = [...PHASES, ...OTHERS].join(', ');
    throw refusal(`'compile' must return an object with some of these: ${names}`);
  }
  const { access, headerFilter, filtersBody, bodyFilter, log: report, close } = given;
  // Each by its name: those of a class are not among the members that `...` copies.
  return {
    ...given,
    ...(access && { access: guardAccess(access.bind(given)) }),
    ...(headerFilter && { headerFilter: guardHeaderFilter(headerFilter.bind(given)) }),
    ...(filtersBody && { filtersBody: guardFiltersBody(filtersBody.bind(given)) }),
    ...(bodyFilter && { bodyFilter: guardBodyFilter(bodyFilter.bind(given)) }),
    ...(report && { log: guardLog(report.bind(given), log) }),
    ...(close && { close: close.bind(given) }),
  };
}

/** Throws ConfigError: whatever `compile` throws is about this entry of the config. */
export function guardCompile<R>(compile: () => R): R {
  try {
    return compile();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (isConfigErrorOfAnotherCopy(error)) throw new ConfigError(error.issues);
    throw new ConfigError([{ path: [], message: messageOf(error) }], { cause: error });
  }
}

const refusal = (message: string): ConfigError => new ConfigError([{ path: [], message }]);

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A package may bring another copy of this program along, whose classes are others. */
function isConfigErrorOfAnotherCopy(error: unknown): error is Pick<ConfigError, 'issues'> {
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ERR_CONFIG') return false;
  return Array.isArray(Reflect.get(error, 'issues'));
}

function isPhases(value: unknown): value is PluginPhases {
  if (!isObject(value)) return false;
  const isFunctionOrAbsent = (name: string): boolean =>
    value[name] === undefined || typeof value[name] === 'function';
  const known = [...PHASES, ...OTHERS];
  return PHASES.every(isFunctionOrAbsent) && Object.keys(value).every((k) => known.includes(k));
}

type Phase<K extends keyof PluginPhases> = NonNullable<PluginPhases[K]>;

function guardAccess(access: Phase<'access'>): Phase<'access'> {
  return (ctx) => {
    const result = access(ctx);
    return result instanceof Promise ? result.then(checkAnswer) : checkAnswer(result);
  };
}

function checkAnswer(result: unknown): GatewayResponse | undefined {
  if (result === undefined || isAnswer(result)) return result;
  throw new TypeError(
    "'access' must return undefined or an answer, e.g. exitJson(403, { message: 'no' })",
  );
}

const STATUS_MIN = 200;
const STATUS_MAX = 599;

function isAnswer(value: unknown): value is GatewayResponse {
  if (!isObject(value)) return false;
  const { kind, status, headers, body } = value;
  const isStatus =
    Number.isInteger(status) && Number(status) >= STATUS_MIN && Number(status) <= STATUS_MAX;
  const isBody = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  return (kind === 'exit' || kind === 'error') && isStatus && Array.isArray(headers) && isBody;
}

function guardHeaderFilter(headerFilter: Phase<'headerFilter'>): Phase<'headerFilter'> {
  return (ctx, head) => {
    const result: unknown = headerFilter(ctx, head);
    if (result instanceof Promise) throw asyncPhase('headerFilter', result);
    if (head.body !== undefined) head.body = bufferOf(head.body, 'the body of an answer');
  };
}

function guardFiltersBody(filtersBody: Phase<'filtersBody'>): Phase<'filtersBody'> {
  return (ctx, head) => {
    const result: unknown = filtersBody(ctx, head);
    if (result instanceof Promise) throw asyncPhase('filtersBody', result);
    return result === 'reads' ? result : result !== false;
  };
}

function guardBodyFilter(bodyFilter: Phase<'bodyFilter'>): Phase<'bodyFilter'> {
  return (ctx, chunk) => {
    const result: unknown = bodyFilter(ctx, chunk);
    if (result instanceof Promise) throw asyncPhase('bodyFilter', result);
    return result === undefined ? undefined : bufferOf(result, "what 'bodyFilter' returns");
  };
}

/** It may be async: nobody waits for it. */
function guardLog(report: Phase<'log'>, log: Logger): Phase<'log'> {
  return (ctx, outcome) => {
    const result: unknown = report(ctx, outcome);
    if (!(result instanceof Promise)) return;
    result.catch((err: unknown) => {
      log.error({ err, request_id: ctx.id, phase: 'log' }, 'plugin failed');
    });
  };
}

function asyncPhase(name: string, result: Promise<unknown>): TypeError {
  result.catch(() => undefined);
  return new TypeError(`'${name}' must not be async: the answer does not wait for it`);
}

function bufferOf(value: unknown, what: string): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value);
  throw new TypeError(`${what} must be a Buffer or a text`);
}
