/** An explanation for a person at a terminal. */
import { styleText } from 'node:util';
import type {
  ExplainedPlugin,
  ExplainedUpstream,
  Explanation,
  MissedRoute,
  Named,
  OutrankedRoute,
  ShownChange,
} from './explanation.ts';
import { printableTexts } from './shown.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const MARGIN = ' '.repeat(10);
const CONFIG_MAX = 100;

/** @param color escape sequences: only for terminals */
export function renderExplanation(explanation: Explanation, color: boolean): string {
  const paint: Paint = (style, text) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const shown = printableTexts(explanation);
  const { request, plugins, upstream } = shown;
  const lines = [
    paint('bold', `${request.method} ${request.url}`),
    '',
    ...routeLines(shown, paint),
    ...consumerLines(shown),
    ...plugins.flatMap((plugin, i) => pluginLines(plugin, i === 0, paint)),
    ...upstreamLines(upstream, paint),
    ...outcomeLines(shown, paint),
  ];
  return lines.join('\n');
}

const head = (word: string, text: string): string => `${word.padEnd(MARGIN.length)}${text}`;
const below = (text: string): string => `${MARGIN}${text}`;
const called = ({ id, name, place }: Named): string =>
  `${name ?? id}${place === null ? '' : `  (${place})`}`;

function routeLines({ route, service, candidates }: Explanation, paint: Paint): string[] {
  const { also_match: also, missed, routes } = candidates;
  if (route === null) {
    return [
      head('route', paint('red', `none of ${counted(routes, 'route')} takes it`)),
      ...(missed.length === 0 ? [] : [below('nearest, and what is not met:')]),
      ...missed.flatMap(missedLines),
    ];
  }
  const conditions = [
    ...(route.host === null ? [] : [`host ${route.host}`]),
    ...(route.path === null ? [] : [`path ${route.path}`]),
    ...Object.entries(route.captures).map(([name, value]) => `${name}=${value}`),
  ];
  return [
    head('route', paint('green', called(route))),
    ...(conditions.length === 0 ? [] : [below(`by ${conditions.join(', ')}`)]),
    ...(also.length === 0 ? [] : [below('these match as well, and are tried later:')]),
    ...also.map(outrankedLine),
    ...(missed.length === 0 ? [] : [below('these are tried before, and are not met:')]),
    ...missed.flatMap(missedLines),
    head('service', service === null ? paint('red', 'none') : called(service)),
  ];
}

const counted = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;

const outrankedLine = (route: OutrankedRoute): string =>
  below(`  ${called(route)}: ${route.reason}`);

const missedLines = (route: MissedRoute): string[] =>
  route.misses.map(({ message }, i) =>
    below(i === 0 ? `  ${called(route)}: ${message}` : `    and ${message}`),
  );

function consumerLines({ consumer }: Explanation): string[] {
  if (consumer === null) return [];
  const by = consumer.identified_by === null ? '' : `, found by ${consumer.identified_by}`;
  return [head('consumer', `${called(consumer)}${by}`)];
}

const RESULTS = {
  passes: ['passes', 'green'],
  answers: ['answers', 'red'],
  fails: ['fails: 500', 'red'],
  'not reached': ['not reached', 'gray'],
  'nothing to do': ['nothing to do with the request', 'gray'],
} as const satisfies Record<ExplainedPlugin['request']['result'], readonly [string, Style]>;

const MARKS = { passed: 'ok', noted: '--', failed: 'NO' } as const;

function pluginLines(plugin: ExplainedPlugin, isFirst: boolean, paint: Paint): string[] {
  const { request, response, steps, passed_over: over, set } = plugin;
  const [word, style] = RESULTS[request.result];
  const status = request.result === 'answers' ? ` ${request.status ?? ''}` : '';
  const title = `${paint('bold', plugin.plugin)}  for ${plugin.scope}${plugin.place === null ? '' : `  (${plugin.place})`}`;
  return [
    head(isFirst ? 'plugins' : '', title),
    ...over.map(({ scope, place }) =>
      below(`  instead of the one for ${scope}${place === null ? '' : ` (${place})`}`),
    ),
    ...Object.entries(set).map(([name, value]) => below(`  ${name}: ${clipped(value)}`)),
    ...steps.map(({ mark, step, detail }) => below(`  ${MARKS[mark]}  ${step}: ${detail}`)),
    below(`  → ${paint(style, `${word}${status}`)}`),
    ...request.changes.map((change) => below(`    ${changeText(change)}`)),
    ...response.map((change) => below(`    in the answer: ${changeText(change)}`)),
    ...bodyLines(plugin),
    ...(plugin.reports ? [below('    afterwards: counts or reports the request')] : []),
  ];
}

function bodyLines({ response_body: body }: ExplainedPlugin): string[] {
  if (body === null) return [];
  return [below(`    in the answer: ${body === 'changes' ? 'may change' : 'reads'} the body`)];
}

function clipped(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > CONFIG_MAX ? `${text.slice(0, CONFIG_MAX)}…` : text;
}

function changeText({ kind, name, value }: ShownChange): string {
  if (kind === 'set-header') return `sets ${name ?? ''}: ${value ?? ''}`;
  if (kind === 'remove-header') return `removes ${name ?? ''}`;
  if (kind === 'consumer') return `the consumer is ${value === '' ? 'nobody' : (value ?? '')}`;
  if (kind === 'body') return `another body, ${value ?? ''}`;
  return `${kind}: ${value === '' ? '(none)' : (value ?? '')}`;
}

const SIGNS = { client: ' ', changed: '~', added: '+' } as const;

function upstreamLines(upstream: ExplainedUpstream | null, paint: Paint): string[] {
  if (upstream === null) return [];
  const { balancer, peer, headers, dropped, body_bytes: bytes } = upstream;
  return [
    head('upstream', paint('bold', `${upstream.method} ${upstream.url}`)),
    ...(balancer === null ? [] : balancerLines(balancer)),
    ...(peer.ip === null || peer.ip === peer.host ? [] : [below(`  at ${peer.ip}`)]),
    ...headers.map(({ name, value, origin }) => below(`${SIGNS[origin]} ${name}: ${value}`)),
    ...dropped.map((name) => below(`- ${name}`)),
    ...(bytes === 0 ? [] : [below(`  a body of ${counted(bytes, 'byte')}`)]),
  ];
}

function balancerLines({
  name,
  algorithm,
  hash_on: hash,
  targets,
}: NonNullable<ExplainedUpstream['balancer']>): string[] {
  const by = hash === null ? '' : ` on ${hash}`;
  const list = targets.map(({ target, weight }) => `${target} (weight ${weight})`).join(', ');
  return [below(`  a target of ${name}, ${algorithm}${by}: ${list}`)];
}

const BODY_LINES_MAX = 8;

function outcomeLines({ outcome, not_asked: notAsked }: Explanation, paint: Paint): string[] {
  const unsure = notAsked.flatMap((call) => [
    head('', `without --online nobody asked: ${call}; the answer may be another with it`),
  ]);
  if (outcome.kind === 'proxied') {
    return [head('outcome', paint('green', 'the upstream is asked')), ...unsure];
  }
  const body = outcome.body.trim();
  return [
    head('outcome', paint('red', `${outcome.status}, answered by ${outcome.by}`)),
    ...outcome.headers.map(({ name, value }) => below(`  ${name}: ${value}`)),
    ...(body === ''
      ? []
      : body
          .split('\n')
          .slice(0, BODY_LINES_MAX)
          .map((line) => below(`  ${line}`))),
    ...unsure,
  ];
}
