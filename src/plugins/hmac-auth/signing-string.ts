/** What a client signs, and whether it did. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64 } from '../../http/base64.ts';
import { headerValue } from '../../http/headers.ts';
import { headerNamesFor } from '../../http/underscores.ts';
import type { RequestContext } from '../../plugin.ts';
import type { SignatureParameters } from './signature-header.ts';
import type { Signer } from './signers.ts';

/** By the names that requests give; the digests are those of OpenSSL. */
const DIGEST_OF: ReadonlyMap<string, string> = new Map([
  ['hmac-sha1', 'sha1'],
  ['hmac-sha256', 'sha256'],
  ['hmac-sha384', 'sha384'],
  ['hmac-sha512', 'sha512'],
]);

/** Compares in a time that does not depend on how much of the signature is right. */
export function isSignatureOf(
  ctx: RequestContext,
  { key }: Signer,
  { algorithm, signed, signature }: SignatureParameters,
): boolean {
  const given = decodeBase64(signature);
  const digest = DIGEST_OF.get(algorithm);
  if (given === undefined || digest === undefined) return false;
  const right = createHmac(digest, key).update(signingString(ctx, signed), 'latin1').digest();
  return given.length === right.length && timingSafeEqual(given, right);
}

/** One line for each name, as a byte string without a line break at its end. */
export function signingString(ctx: RequestContext, signed: readonly string[]): string {
  return signed.map((name) => lineFor(ctx, name)).join('\n');
}

/** A header that the request has goes before the pseudo headers, also by the names of those. */
function lineFor(ctx: RequestContext, name: string): string {
  const value = firstValue(ctx, name);
  if (value !== undefined) return `${name}: ${value}`;
  if (name === '@request-target') return `${name}: ${ctx.method.toLowerCase()} ${ctx.target}`;
  if (name === 'request-line') return `${ctx.method} ${ctx.target} HTTP/${versionOf(ctx)}`;
  return `${name}:`;
}

function firstValue(ctx: RequestContext, name: string): string | undefined {
  for (const headerName of headerNamesFor(name)) {
    const value = headerValue(ctx.headers, headerName);
    if (value !== undefined) return value;
  }
  return undefined;
}

const versionOf = ({ httpVersion }: RequestContext): string =>
  httpVersion === '2' ? '2.0' : httpVersion;
