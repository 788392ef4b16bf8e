/** Where a request goes, as people write it. */

export interface RequestUrl {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** As written: what a client would clean up is the question at times. */
  readonly target: string;
}

/** A URL, or a path of `http://localhost`. Throws with what to write instead. */
export function parseUrl(text: string): RequestUrl {
  const plain = text.replace(/#.*$/s, '');
  if (plain.startsWith('/')) return { scheme: 'http', authority: 'localhost', target: plain };
  const [, scheme, authority, rest = ''] = /^(https?):\/\/([^/?]+)(.*)$/is.exec(plain) ?? [];
  if (scheme === undefined || authority === undefined) {
    throw new Error(
      `'${text.slice(0, 80)}' is no URL; write e.g. https://api.example.com/orders, or a path: /orders`,
    );
  }
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    authority: authority.replace(/^.*@/, ''),
    target: rest.startsWith('/') ? rest : `/${rest}`,
  };
}
