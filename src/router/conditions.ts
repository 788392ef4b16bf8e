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

interface HeaderCondition {
  /** Lower case, dashes as underscores: a request's header of that very name is preferred. */
  readonly underscored: string;
  readonly dashed: string;
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
const serverNameRule = (name: string): NameRule =>
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
    if (!meetsHeader(header, question.headers)) return false;
  }
  return serverNames === undefined || meetsServerName(serverNames, question);
}

/** Server names say nothing about a connection without TLS: there they are always satisfied. */
function meetsServerName(rules: readonly NameRule[], question: RouteQuestion): boolean {
  if (question.scheme !== 'https') return true;
  const { serverName } = question;
  return serverName !== undefined && rules.some((rule) => matchesName(rule, serverName));
}

/** Any line of the header may fit. Lines with dashes count only when none has underscores. */
function meetsHeader(condition: HeaderCondition, list: Readonly<HeaderList>): boolean {
  const { underscored, dashed } = condition;
  const end = Math.min(list.length, HEADER_SLOTS_MAX);
  let dashedFits = false;
  let underscoredSeen = false;
  for (let i = 0; i < end; i += 2) {
    const name = list[i] ?? '';
    if (name.length !== dashed.length) continue;
    const lower = name === dashed ? name : name.toLowerCase();
    if (lower === underscored) {
      if (fits(condition, list[i + 1] ?? '')) return true;
      underscoredSeen = true;
    } else if (lower === dashed && !dashedFits) {
      dashedFits = fits(condition, list[i + 1] ?? '');
    }
  }
  return dashedFits && !underscoredSeen;
}

function fits(condition: HeaderCondition, raw: string): boolean {
  const value = textOf(raw)?.toLowerCase();
  if (value === undefined) return false;
  return condition.values.has(value) || condition.patterns.some((pattern) => pattern.test(value));
}

/** Node gives header values as latin1; the router compares text. */
function textOf(raw: string): string | undefined {
  if (!/[\u0080-\u00ff]/.test(raw)) return raw;
  const bytes = Buffer.from(raw, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
