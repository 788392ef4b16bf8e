/** Reading request bodies: which types are taken and how long they may be. */
import { Buffer } from 'node:buffer';
import type { ServerRequest } from './types.ts';

const TYPES = [
  'application/json',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
] as const;
const CONFIG_TYPES = ['application/yaml', 'text/yaml'] as const;

export type MediaType = (typeof TYPES)[number] | (typeof CONFIG_TYPES)[number];

/**
 * The type of the body: one that the path takes, the empty string when type and body are absent, or
 * `undefined` for anything else. Kong compares beginnings, so parameters and suffixes pass.
 */
export function readMediaType(
  req: ServerRequest,
  isConfigPath: boolean,
): MediaType | '' | undefined {
  const type = req.headers['content-type']?.toLowerCase() ?? '';
  if (type === '') {
    const length = Number(req.headers['content-length'] ?? 0);
    return req.headers['transfer-encoding'] === undefined && length === 0 ? '' : undefined;
  }
  const accepted = isConfigPath ? [...TYPES, ...CONFIG_TYPES] : TYPES;
  return accepted.find((prefix) => type.startsWith(prefix));
}

export interface BodyLimits {
  /** 0 = no limit. */
  readonly adminMaxBodyBytes: number;
  /** Longest pause between two pieces of it. */
  readonly clientBodyTimeoutMs: number;
}

/** The whole body, or why not. Rejects when the client goes away before its end. */
export async function readBody(
  req: ServerRequest,
  { adminMaxBodyBytes, clientBodyTimeoutMs }: BodyLimits,
): Promise<Buffer | 'too large' | 'too slow'> {
  const limit = adminMaxBodyBytes === 0 ? Number.POSITIVE_INFINITY : adminMaxBodyBytes;
  if (Number(req.headers['content-length'] ?? 0) > limit) return 'too large';
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (body: Buffer | 'too large' | 'too slow'): void => {
      clearTimeout(patience);
      req.off('data', take);
      req.pause();
      resolve(body);
    };
    const patience = setTimeout(() => settle('too slow'), clientBodyTimeoutMs);
    const take = (chunk: Buffer): void => {
      patience.refresh();
      bytes += chunk.length;
      if (bytes > limit) settle('too large');
      else chunks.push(chunk);
    };
    const leave = (): void => {
      clearTimeout(patience);
      reject(new Error('the client went away before the end of its body'));
    };
    req.on('data', take);
    req.once('end', () => settle(Buffer.concat(chunks, bytes)));
    req.once('error', leave);
    req.once('close', leave);
  });
}
