/** What the upstream gets to see: the headers that carried tokens go first, then new ones are written. */
import type { TokenHeader } from '../../config/checks/jwt-signer.ts';
import { removeHeader, setHeader, type HeaderList } from '../../http/headers.ts';
import type { TokenSettings } from './settings.ts';

/** What one token gives the upstream; `undefined` members write nothing. */
export interface UpstreamTokens {
  readonly original: string | undefined;
  readonly signed: string | undefined;
}

/** Writes what became of one token. */
export type WriteTokens = (headers: HeaderList, tokens: UpstreamTokens) => void;

/**
 * Names to remove before anything is written. All of them go before the first is written: a new
 * token may well take the header that another token came in. A target that gets no token goes too:
 * what is left there would be the client's own, and the upstream would take it for ours.
 */
export function headersToClear(all: readonly TokenSettings[]): readonly string[] {
  // A token without a request header is none of our business, nor is the header it would be sent in.
  const used = all.filter(({ requestHeader }) => requestHeader !== undefined);
  const names = new Set(
    used.flatMap(({ requestHeader, signing, originalHeader }) =>
      [requestHeader, signing.upstreamHeader, originalHeader].flatMap((header) =>
        header === undefined ? [] : [header.name],
      ),
    ),
  );
  // Without signing the upstream verifies the issuer's own token.
  for (const { requestHeader, signing } of used) {
    if (requestHeader !== undefined && !signing.isEnabled) names.delete(requestHeader.name);
  }
  return [...names];
}

export function clearHeaders(headers: HeaderList, names: readonly string[]): void {
  for (const name of names) removeHeader(headers, name);
}

export function compileTokenWriter({ signing, originalHeader }: TokenSettings): WriteTokens {
  const { upstreamHeader } = signing;
  return (headers, { original, signed }) => {
    if (original !== undefined && originalHeader !== undefined) {
      setHeader(headers, originalHeader.shownName, render(originalHeader, original));
    }
    if (signed !== undefined && upstreamHeader !== undefined) {
      setHeader(headers, upstreamHeader.shownName, render(upstreamHeader, signed));
    }
  };
}

/** `Authorization` never holds a bare token: without a scheme it means Bearer (RFC 6750 section 2.1). */
function render({ name, scheme }: TokenHeader, token: string): string {
  if (scheme === 'basic') return `Basic ${token}`;
  return scheme === 'bearer' || name === 'authorization' ? `Bearer ${token}` : token;
}
