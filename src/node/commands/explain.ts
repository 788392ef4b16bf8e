/** `silverback explain METHOD URL`: which route takes a request, what its plugins do, what the upstream gets. */
import { explainRequest } from '../../simulate/explain/explain.ts';
import { renderExplanation } from '../../simulate/explain/pretty.ts';
import { openNetwork } from '../../simulate/network.ts';
import { readRunningConfig } from '../running-config.ts';
import { createLoader } from '../documents.ts';
import { loadPluginsOnce } from '../plugin-loader.ts';
import {
  adminHeaders,
  print,
  settingsFrom,
  wantsColor,
  type AdminFlags,
  type ExitCode,
} from './context.ts';
import { parseRequest, type RequestFlags } from './request-line.ts';
import { loadDeclarative, readToken, type LoadedFile } from './token/input.ts';

export interface ExplainFlags extends AdminFlags, RequestFlags {
  readonly format: 'pretty' | 'json';
  /** URL of the Admin API of a gateway that runs. */
  readonly admin?: string;
  readonly online?: boolean;
  /** A time, as `Date.parse` takes it. */
  readonly now?: string;
}

/** @returns 0 the upstream is asked, 1 the request is answered before */
export async function explainCommand(
  method: string,
  url: string,
  flags: ExplainFlags,
): Promise<ExitCode> {
  const token = flags.token === undefined ? undefined : readToken(flags.token);
  const request = parseRequest(method, url, { ...flags, token });
  const now = clockOf(flags.now);
  const { settings, config, sources, plugins: pluginSet } = await load(flags);
  const network = flags.online === true ? openNetwork(settings) : undefined;
  try {
    const explanation = await explainRequest(request, {
      config,
      sources,
      pluginSet,
      settings,
      now,
      network,
    });
    print(
      flags.format === 'json'
        ? JSON.stringify(explanation, null, 2)
        : renderExplanation(explanation, wantsColor(process.stdout)),
    );
    return explanation.outcome.kind === 'proxied' ? 0 : 1;
  } finally {
    await network?.close();
  }
}

function clockOf(text: string | undefined): () => number {
  if (text === undefined) return Date.now;
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new Error(`'${text}' is no time; write e.g. --now 2026-01-31T12:00:00Z`);
  }
  return () => at;
}

async function load(flags: ExplainFlags): Promise<LoadedFile> {
  if (flags.admin === undefined) return loadDeclarative(flags.config, flags);
  if (flags.config !== undefined)
    throw new Error('name a file (-c) or a gateway (--admin), not both');
  const { settings } = settingsFrom(flags);
  const api = { url: flags.admin.replace(/\/+$/, ''), headers: adminHeaders(flags) };
  const text = await readRunningConfig(api);
  // What was a reference is a value there.
  const source = { kind: 'text', text, file: `${api.url}/config`, format: 'auto' } as const;
  const plugins = await loadPluginsOnce(settings);
  return { settings, ...createLoader({ ...settings, interpolate: false })(source, plugins) };
}
