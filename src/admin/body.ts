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

/**
 * The whole body, or `undefined` when it is longer than allowed (0 = no limit). Rejects when the
 * client goes away before its end.
 */
export async function readBody(req: ServerRequest, bytesMax: number): Promise<Buffer | undefined> {
  const limit = bytesMax === 0 ? Number.POSITIVE_INFINITY : bytesMax;
  if (Number(req.headers['content-length'] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
