/** Which origin an answer names: Kong's rules for plain entries and regular expressions. */
import { bytesOfText, textOfBytes } from '../../http/bytes.ts';
import { parseLooseUrl } from '../../http/loose-url.ts';
import type { PluginBuild } from '../../plugin.ts';

export interface AllowedOrigin {
  /** The header's value; `undefined` for an origin that is not allowed. */
  readonly value: string | undefined;
  /** True when another origin might get another answer. */
  readonly varies: boolean;
}

/** @param origin the request's Origin header, if it has one */
export type AllowOrigin = (origin: string | undefined) => AllowedOrigin;

const EVERYBODY: AllowedOrigin = { value: '*', varies: false };
const EVERYBODY_AMONG_OTHERS: AllowedOrigin = { value: '*', varies: true };
const NOBODY: AllowedOrigin = { value: undefined, varies: true };

const PLAIN = /^[A-Za-z0-9.:/-]+$/;

export function compileAllowOrigin(
  origins: readonly string[],
  compileRegex: PluginBuild['compileRegex'],
): AllowOrigin {
  const [first] = origins;
  if (first === undefined || (origins.length === 1 && first === '*')) return () => EVERYBODY;
  if (origins.length === 1 && PLAIN.test(first)) {
    // One plain origin is named to everybody: a browser of another one refuses the answer by itself.
    const only: AllowedOrigin = { value: first, varies: true };
    return () => only;
  }
  if (origins.includes('*')) {
    return (origin) => (origin === undefined ? NOBODY : EVERYBODY_AMONG_OTHERS);
  }
  const entries = origins.map((entry) => compileEntry(entry, compileRegex));
  return (origin) => {
    if (origin === undefined || origin === '') return NOBODY;
    const normal = normalizeOrigin(textOfBytes(origin));
    if (!entries.some((matches) => matches(normal))) return NOBODY;
    return { value: bytesOfText(normal.origin), varies: true };
  };
}

interface NormalOrigin {
  /** Without a default port, and without all that no origin has. */
  readonly origin: string;
  readonly host: string;
}

type Entry = (origin: NormalOrigin) => boolean;

function compileEntry(entry: string, compileRegex: PluginBuild['compileRegex']): Entry {
  if (PLAIN.test(entry)) {
    const wanted = normalizeOrigin(entry).origin;
    return ({ origin }) => origin === wanted;
  }
  // The whole of it must match. Kong binds its anchors to the outer branches of an alternation only.
  const pattern = compileRegex(`^(?:${entry})$`);
  return entry.includes(':')
    ? ({ origin }) => pattern.test(origin)
    : ({ host }) => pattern.test(host);
}

function normalizeOrigin(text: string): NormalOrigin {
  const { scheme, host, port } = parseLooseUrl(text);
  if (host === undefined) return { origin: text, host: text };
  const isDefault = (scheme === 'http' && port === '80') || (scheme === 'https' && port === '443');
  const prefix = scheme === undefined ? '' : `${scheme}://`;
  const suffix = port === undefined || isDefault ? '' : `:${port}`;
  return { origin: prefix + host + suffix, host };
}
