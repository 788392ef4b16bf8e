/** `silverback token explain`: why a route accepts a token or refuses it, step by step, from the plugins themselves. */
import { headerValue, type HeaderList } from '../../../http/headers.ts';
import { SILENT } from '../../../log.ts';
import type { Trace } from '../../../plugin.ts';
import { acceptAll, openNetwork } from '../../../simulate/network.ts';
import { openSession, type SessionResult } from '../../../simulate/session.ts';
import { throwawayKeysets } from '../../../simulate/throwaway-keysets.ts';
import { tracePhases } from '../../../simulate/traced.ts';
import { print, type ExitCode } from '../context.ts';
import { parseRequest } from '../request-line.ts';
import { loadDeclarative, readToken } from './input.ts';

export interface ExplainFlags {
  readonly path: string;
  readonly method: string;
  readonly host: string;
  readonly https?: boolean;
  readonly header: readonly string[];
  readonly config?: readonly string[];
}

/** Prints the steps; 0 when the request would reach the upstream, 1 when not. */
export async function explainCommand(argument: string, flags: ExplainFlags): Promise<ExitCode> {
  const token = readToken(argument);
  const { settings, config, sources, plugins } = await loadDeclarative(flags.config);
  const report = createReport();
  const network = openNetwork(settings);
  const session = openSession(
    config,
    { sources, plugins },
    {
      settings,
      log: SILENT,
      now: Date.now,
      upstream: acceptAll,
      outbound: network.outbound,
      resolver: network.resolver,
      keysets: throwawayKeysets(),
      traceOf: (entity) => report.trace.section(entity.name),
      wrapPhases: (entity, phases) => tracePhases(phases, report.trace.section(entity.name)),
    },
  );
  try {
    const result = await session.send(requestOf(token, flags));
    for (const line of [...routeLines(result, flags), ...report.lines(), ...endLines(result)]) {
      print(harmless(line));
    }
    return result.asked.length > 0 ? 0 : 1;
  } finally {
    await session.close();
    await network.close();
  }
}

/** Claims are anybody's text: none of it may move the cursor of a terminal. */
const harmless = (line: string): string =>
  line.replaceAll(
    /(?!\n)\p{Cc}/gu,
    (character) => `\\x${Buffer.from(character, 'latin1').toString('hex')}`,
  );

function requestOf(token: string, flags: ExplainFlags) {
  const { path, method, host, header, https } = flags;
  if (!path.startsWith('/'))
    throw new Error(`'${path}' is no path; begin with /, e.g. --path /jwt`);
  const scheme = https === true ? 'https' : 'http';
  return parseRequest(method, `${scheme}://${host}${path}`, { header, token });
}

interface Step {
  readonly section: string;
  readonly mark: 'ok' | '--' | 'NO';
  readonly step: string;
  readonly detail: string;
}

/** Takes down what the plugins say, in the order they say it. */
function createReport(): { readonly trace: Trace; lines(): readonly string[] } {
  const steps: Step[] = [];
  const traceOf = (section: string): Trace => {
    const note = (mark: Step['mark']) => (step: string, detail: string) =>
      void steps.push({ section, mark, step, detail });
    return {
      section: (title) =>
        traceOf(section === '' ? title : `${section}, ${title.replace('_', ' ')}`),
      passed: note('ok'),
      noted: note('--'),
      failed: note('NO'),
    };
  };
  return {
    trace: traceOf(''),
    lines: () =>
      steps.flatMap(({ section, mark, step, detail }, i) => {
        const line = `  ${mark}  ${step.padEnd(16)} ${detail}`;
        return steps[i - 1]?.section === section ? [line] : [section, line];
      }),
  };
}

function routeLines({ ctx }: SessionResult, flags: ExplainFlags): readonly string[] {
  const { route, service } = ctx;
  const asked = `${ctx.method} ${ctx.host}${flags.path}`;
  if (route === undefined) {
    return [
      `request  ${asked}`,
      '  NO  route            none matches: look at paths, hosts, methods and headers of the routes',
    ];
  }
  const name = route.name ?? route.id;
  const to = service === undefined ? 'no service' : (service.name ?? service.host);
  return [`request  ${asked}`, `  ok  route            ${name}, to ${to}`];
}

/** Tokens are never shown; who wants to look into a new one sends the request. */
const SHOWN = [
  'x-consumer-id',
  'x-consumer-custom-id',
  'x-consumer-username',
  'x-credential-identifier',
];

function endLines({ answer, asked, ctx }: SessionResult): readonly string[] {
  if (asked.length === 0) {
    const body = answer.body.toString('utf8');
    const challenge = headerValue(answer.headers, 'www-authenticate');
    return [
      `refused with ${answer.status}`,
      ...(challenge === undefined ? [] : [`  WWW-Authenticate: ${challenge}`]),
      ...(body === '' ? [] : [`  ${body.trim().replaceAll('\n', '\n  ')}`]),
    ];
  }
  return ['accepted: the upstream would be asked', ...identityLines(ctx.headers)];
}

function identityLines(headers: HeaderList): readonly string[] {
  return SHOWN.flatMap((name) => {
    const value = headerValue(headers, name);
    return value === undefined ? [] : [`  ${name}: ${value}`];
  });
}
