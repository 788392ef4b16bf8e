/** The Digest header (RFC 3230) as Kong takes it: SHA-256 of the body's bytes, and nothing else. */
import { createHash } from 'node:crypto';
import { headerValue } from '../../http/headers.ts';
import type { RequestContext } from '../../plugin.ts';

/** Without the header only an empty body is right. */
export function matchesDigest(ctx: RequestContext, body: Buffer): boolean {
  const given = headerValue(ctx.headers, 'digest');
  if (given === undefined) return body.length === 0;
  return given === `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
}
