/** Text of a setting → value. A function gives `undefined` for text that is none of its type. */
import { isIP } from 'node:net';
import type { LogTarget } from './types.ts';

/** `on` and `true`; everything else is false, as in Kong. */
export const parseBoolean = (text: string): boolean => /^(on|true)$/i.test(text.trim());

export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

export function parseDecimal(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
]);

/** nginx' sizes: bytes, or with k, m or g. */
export function parseSize(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  const factor = SIZE_UNITS.get(unit.toLowerCase());
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** nginx' times in milliseconds: seconds, or parts with a unit such as `1m 30s`. */
export function parseTimeMs(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(ms|s|m|h|d)\s*)+$/.test(text)) return undefined;
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(digits) * (TIME_UNITS.get(unit ?? '') ?? 0);
  }
  return total;
}

/** An address, a CIDR block, or `unix:`. */
export function isTrustedIp(text: string): boolean {
  if (text === 'unix:') return true;
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** `ip` or `ip:port`, IPv6 in brackets where a port follows; gives `ip:port`. */
export function parseNameServer(text: string): string | undefined {
  if (isIP(text) === 4) return `${text}:53`;
  if (isIP(text) === 6) return `[${text}]:53`;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const isAddress = isIP(bracketed ?? '') === 6 || isIP(plain ?? '') === 4;
  if (!isAddress || Number(port ?? 53) > 65_535) return undefined;
  return bracketed === undefined ? `${plain}:${port ?? 53}` : `[${bracketed}]:${port ?? 53}`;
}

/** `off`, a standard stream or a path; `undefined` for what is not supported (syslog, a format's name). */
export function parseLogTarget(text: string): LogTarget | undefined {
  if (text === 'off') return { kind: 'off' };
  if (text === '/dev/stdout') return { kind: 'stdout' };
  if (text === '/dev/stderr') return { kind: 'stderr' };
  if (text.startsWith('syslog:') || /\s/.test(text)) return undefined;
  return { kind: 'file', path: text };
}

/** `4 8k`: how many buffers, and the bytes of one, which bound a line. */
export function parseHeaderBuffers(
  text: string,
): { readonly lineBytes: number; readonly totalBytes: number } | undefined {
  const [, count, size] = /^(\d+)\s+(\S+)$/.exec(text) ?? [];
  const lineBytes = parseSize(size ?? '');
  if (count === undefined || lineBytes === undefined) return undefined;
  if (lineBytes === 0 || Number(count) === 0) return undefined;
  return { lineBytes, totalBytes: Number(count) * lineBytes };
}
