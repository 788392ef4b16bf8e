/** The conditions a candidate checks after host and path: methods, headers, server names. */
import { isUtf8 } from 'node:buffer';
import type { Route } from '../config/types.ts';
import type { HeaderList } from '../http/headers.ts';
import { matchesName, nameRule, type NameRule } from './hosts.ts';
import { compilePattern, type Pattern } from './regex.ts';
import type { RouteQuestion } from './types.ts';

export interface Conditions {
  readonly methods: ReadonlySet<string> | undefined;
  readonly headers: readonly HeaderCondition[];
  readonly serverNames: readonly NameRule[] | undefined;
}

/** A header's name in both spellings, lower case. */
export interface HeaderName {
  readonly underscored: string;
  readonly dashed: string;
}

export interface HeaderCondition extends HeaderName {
  /** Lower case. */
  readonly values: ReadonlySet<string>;
  readonly patterns: readonly Pattern[];
}

/** nginx-lua shows Kong the first 100 lines (`lua_max_req_headers`); name and value each. */
const HEADER_SLOTS_MAX = 200;

export function compileConditions(route: Route): Conditions {
  const { methods, headers, snis } = route;
  return {
    methods: methods === null || methods.length === 0 ? undefined : new Set(methods),
    headers: Object.entries(headers ?? {}).map(compileHeader),
    serverNames: snis === null || snis.length === 0 ? undefined : snis.map(serverNameRule),
  };
}

/** The root's dot in a fully qualified name is no part of what clients send. */
export const serverNameRule = (name: string): NameRule =>
  nameRule(name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name);

function compileHeader([name, values]: [string, readonly string[]]): HeaderCondition {
  const underscored = name.toLowerCase().replaceAll('-', '_');
  return {
    underscored,
    dashed: underscored.replaceAll('_', '-'),
    values: new Set(values.filter((value) => !isPattern(value)).map((v) => v.toLowerCase())),
    // Kong lower-cases the pattern with the value: `\D` means `\d` here.
    patterns: values.filter(isPattern).map((value) => compilePattern(lowerAscii(value.slice(2)))),
  };
}

const isPattern = (value: string): boolean => value.startsWith('~*');

const lowerAscii = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

export function meets(conditions: Conditions, question: RouteQuestion): boolean {
  const { methods, headers, serverNames } = conditions;
  if (methods !== undefined && !methods.has(question.method)) return false;
  for (const header of headers) {
    if (!headerMeets(header, question.headers)) return false;
  }
  return serverNames === undefined || serverNameMeets(serverNames, question);
}

/** Server names say nothing about a connection without TLS: there they are always satisfied. */
export function serverNameMeets(rules: readonly NameRule[], question: RouteQuestion): boolean {
  if (question.scheme !== 'https') return true;
  const { serverName } = question;
  return serverName !== undefined && rules.some((rule) => matchesName(rule, serverName));
}

/** A request's lines of the header have a value that the condition names. */
export function headerMeets(condition: HeaderCondition, list: Readonly<HeaderList>): boolean {
  for (const value of valuesOf(list, condition)) {
    if (condition.values.has(value)) return true;
    if (condition.patterns.some((pattern) => pattern.test(value))) return true;
  }
  return false;
}

const NONE: readonly string[] = [];

/**
 * A request's values of a header, one per line, in lower case. Lines whose name has dashes count
 * only when none has the underscores.
 */
export function valuesOf(list: Readonly<HeaderList>, name: HeaderName): readonly string[] {
  const { underscored, dashed } = name;
  const end = Math.min(list.length, HEADER_SLOTS_MAX);
  let exact: string[] | undefined;
  let similar: string[] | undefined;
  for (let i = 0; i < end; i += 2) {
    const candidate = list[i] ?? '';
    if (candidate.length !== dashed.length) continue;
    const lower = candidate === dashed ? candidate : candidate.toLowerCase();
    const value = lower === underscored || lower === dashed ? textOf(list[i + 1] ?? '') : undefined;
    if (value === undefined) continue;
    if (lower === underscored) (exact ??= []).push(value.toLowerCase());
    else (similar ??= []).push(value.toLowerCase());
  }
  return exact ?? similar ?? NONE;
}

/** Node gives header values as latin1; the router compares text. */
function textOf(raw: string): string | undefined {
  if (!/[\u0080-\u00ff]/.test(raw)) return raw;
  const bytes = Buffer.from(raw, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
