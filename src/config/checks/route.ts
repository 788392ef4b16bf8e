/** What a route of each protocol must and must not have. */
import { entityIssue, isFields, type FieldIssue, type Fields } from './field-issue.ts';
import { unsupportedConstruct } from './regex.ts';

interface ProtocolRule {
  /** Applies when the route's protocols contain this one; the first that applies is the only one. */
  readonly protocol: string;
  readonly matchers: readonly string[];
  readonly forbidden: readonly string[];
  /** How Kong names the family after `cannot set … when 'protocols' is`. */
  readonly family: string;
  readonly missing: string;
}

const STREAM = {
  matchers: ['sources', 'destinations', 'snis'],
  forbidden: ['methods', 'hosts', 'paths', 'headers'],
  family: "'tcp', 'tls', 'tls_passthrough' or 'udp'",
  missing:
    "must set one of 'sources', 'destinations', 'snis' when 'protocols' is 'tcp', 'tls' or 'udp'",
} as const;

function httpRule(protocol: 'http' | 'https', matchers: readonly string[]): ProtocolRule {
  const missing = missingText(protocol, matchers);
  const forbidden = ['sources', 'destinations'];
  return { protocol, matchers, forbidden, family: "'http' or 'https'", missing };
}

function grpcRule(protocol: 'grpc' | 'grpcs', matchers: readonly string[]): ProtocolRule {
  const missing = missingText(protocol, matchers);
  const forbidden = ['methods', 'sources', 'destinations', 'strip_path'];
  return { protocol, matchers, forbidden, family: "'grpc' or 'grpcs'", missing };
}

function missingText(protocol: string, matchers: readonly string[]): string {
  const names = matchers.map((name) => `'${name}'`).join(', ');
  return `must set one of ${names} when 'protocols' is '${protocol}'`;
}

const RULES: readonly ProtocolRule[] = [
  httpRule('https', ['methods', 'hosts', 'headers', 'paths', 'snis']),
  httpRule('http', ['methods', 'hosts', 'headers', 'paths']),
  grpcRule('grpcs', ['hosts', 'headers', 'paths', 'snis']),
  grpcRule('grpc', ['hosts', 'headers', 'paths']),
  { protocol: 'tcp', ...STREAM },
  { protocol: 'tls', ...STREAM },
  { protocol: 'udp', ...STREAM },
  {
    ...STREAM,
    protocol: 'tls_passthrough',
    matchers: ['snis'],
    missing: "must set snis when 'protocols' is 'tls_passthrough'",
  },
];

/** A route must be found by something that its protocol has. Empty lists are nothing. */
export function checkRouteMatchers(route: Fields, failed: ReadonlySet<string>): FieldIssue[] {
  const { protocols } = route;
  if (failed.has('protocols') || !Array.isArray(protocols)) return [];
  const rule = RULES.find(({ protocol }) => protocols.includes(protocol));
  if (rule === undefined) return [];
  const misplaced = rule.forbidden.filter((name) => isPresent(route[name]));
  const issues: FieldIssue[] = misplaced.map((name) => ({
    code: 'SB1208',
    path: [name],
    message: `cannot set '${name}' when 'protocols' is ${rule.family}`,
    predicate: `cannot be set when 'protocols' is ${rule.family}`,
  }));
  if (rule.matchers.some((name) => failed.has(name) || isPresent(route[name]))) return issues;
  return [...issues, { ...entityIssue('SB1207', rule.missing), predicate: rule.missing }];
}

function isPresent(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isFields(value) ? Object.keys(value).length > 0 : value === true;
}

/** Regular expressions that the router's engine cannot run, drawn as Kong's expression router does. */
export function checkRouteExpression(route: Fields, failed: ReadonlySet<string>): FieldIssue[] {
  const { paths } = route;
  if (failed.has('paths') || !Array.isArray(paths)) return [];
  for (const [i, path] of paths.entries()) {
    if (typeof path !== 'string' || !path.startsWith('~')) continue;
    const pattern = path.slice(1);
    const construct = unsupportedConstruct(pattern);
    if (construct === undefined) continue;
    const { offset, length, problem } = construct;
    const message = drawExpression(pattern, { offset, length, problem });
    const predicate = `has a path whose regular expression cannot run in linear time: ${problem}`;
    return [{ ...entityIssue('SB1603', message), at: ['paths', i], predicate }];
  }
  return [];
}

function drawExpression(
  pattern: string,
  { offset, length, problem }: { offset: number; length: number; problem: string },
): string {
  const literal = `r#"^${pattern}"#`;
  const indent = ' '.repeat('(http.path ~ '.length);
  return [
    'Router Expression failed validation:  --> 1:14',
    '  |',
    `1 | (http.path ~ ${literal})`,
    `  | ${indent}^${'-'.repeat(literal.length - 2)}^`,
    '  |',
    '  = regex parse error:',
    `    ^${pattern}`,
    `    ${' '.repeat(offset + 1)}${'^'.repeat(length)}`,
    `error: ${problem}`,
  ].join('\n');
}
