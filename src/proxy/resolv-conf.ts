/** resolv.conf(5): which servers to ask, how long, and which suffixes short names get. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Logger } from '../log.ts';

export interface ResolvConf {
  /** As `dns.Resolver.setServers` takes them. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

const LIMITS = { ndots: 15, timeout: 30, attempts: 5 } as const;
const SEARCH_MAX = 32;

const DEFAULTS: ResolvConf = {
  servers: [],
  search: [],
  ndots: 1,
  timeoutMs: 5_000,
  attempts: 2,
};

/** Unknown lines are passed over; of `search` and `domain` the last one counts. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let conf = DEFAULTS;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver') servers.push(...words.slice(0, 1).flatMap(serverAddress));
    else if (keyword === 'search') conf = { ...conf, search: suffixes(words) };
    else if (keyword === 'domain') conf = { ...conf, search: suffixes(words.slice(0, 1)) };
    else if (keyword === 'options') conf = words.reduce(withOption, conf);
  }
  return { ...conf, servers };
}

/** An absent file means the defaults: the local server, no suffixes. */
export function readResolvConf(path: string, log: Logger): ResolvConf {
  try {
    return parseResolvConf(readFileSync(path, 'utf8'));
  } catch (error) {
    log.debug({ err: error, path }, 'no resolv.conf');
    return DEFAULTS;
  }
}

/** Link-local addresses may carry a zone, which stays. */
function serverAddress(word: string): string[] {
  return isIP(word.replace(/%.*/, '')) === 0 ? [] : [word];
}

function suffixes(words: readonly string[]): string[] {
  return words
    .map((word) => word.toLowerCase().replace(/^\.+|\.+$/g, ''))
    .filter((word) => word !== '')
    .slice(0, SEARCH_MAX);
}

function withOption(conf: ResolvConf, option: string): ResolvConf {
  const [, name, digits] = /^(ndots|timeout|attempts):(\d{1,6})$/.exec(option) ?? [];
  const value = Number(digits);
  if (name === 'ndots') return { ...conf, ndots: Math.min(value, LIMITS.ndots) };
  if (name === 'timeout') {
    return { ...conf, timeoutMs: Math.min(Math.max(value, 1), LIMITS.timeout) * 1_000 };
  }
  if (name === 'attempts') {
    return { ...conf, attempts: Math.min(Math.max(value, 1), LIMITS.attempts) };
  }
  return conf;
}

/** The full names to ask for, in order; a final dot makes a name complete. */
export function searchNames(name: string, conf: Pick<ResolvConf, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const extended = conf.search.map((suffix) => `${name}.${suffix}`);
  const dots = name.split('.').length - 1;
  return dots >= conf.ndots ? [name, ...extended] : [...extended, name];
}
