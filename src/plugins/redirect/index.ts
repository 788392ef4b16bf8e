/** Answers requests with a redirect. Kong: redirect. */
import type { RedirectConfig } from '../../config/schema-types.ts';
import { ConfigError } from '../../errors.ts';
import { bytesOfText } from '../../http/bytes.ts';
import type { ExitResponse } from '../../http/response.ts';
import { definePlugin, type RequestContext } from '../../plugin.ts';

export const redirect = definePlugin<RedirectConfig>({
  name: 'redirect',
  priority: 779,
  compile({ status_code: status, location, keep_incoming_path: keepsPath }) {
    if (status < 200) {
      // What follows 1xx is the answer (RFC 9110 section 15.2): the client would wait for it.
      const message = `${status} ends no request, use 300 to 399`;
      throw new ConfigError([{ path: ['status_code'], message }]);
    }
    const answer = (to: string): ExitResponse => ({
      kind: 'exit',
      status,
      headers: ['Location', to],
      body: 'redirecting',
    });
    if (!keepsPath) {
      const same = answer(bytesOfText(location));
      return { access: () => same };
    }
    const base = parseLocation(location);
    return { access: (ctx) => answer(withPathOf(ctx, base)) };
  },
});

function parseLocation(location: string): URL {
  try {
    return new URL(location);
  } catch (cause) {
    const message = `'${location}' is no URL whose path could be replaced`;
    throw new ConfigError([{ path: ['location'], message }], { cause });
  }
}

/** The path as the router sees it, the query as it was sent; the URL standard escapes what no URL can hold. */
function withPathOf({ path, rawQuery }: RequestContext, base: URL): string {
  const url = new URL(base);
  url.pathname = path;
  url.search = rawQuery.slice(1);
  return url.href;
}
