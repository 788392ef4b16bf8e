/** Checks of paths. Each gives Kong's message, or `undefined` for a good value. */
import { normalizePath } from '../../http/path.ts';
import { unsupportedConstruct, type CheckRegex } from './regex.ts';

/** A path as RFC 3986 section 3.3 writes it, from the root and without empty segments. */
export function checkPath(value: string): string | undefined {
  if (!value.startsWith('/')) return 'should start with: /';
  if (value.includes('//')) return 'must not have empty segments';
  if (!/^[\w\-.~/%:@!$&'()*+,;=]*$/.test(value)) {
    return `invalid path: '${value}' (characters outside of the reserved list of RFC 3986 found)`;
  }
  return checkTriplets(value);
}

function checkTriplets(value: string): string | undefined {
  const bad = /%(?![\dA-Fa-f]{2}).{0,2}/s.exec(value);
  return bad === null ? undefined : `invalid url-encoded value: '${bad[0]}'`;
}

/** A path of a route: a normalised prefix, or `~` and a regular expression. */
export function checkRoutePath(value: string, checkRegex?: CheckRegex): string | undefined {
  if (!/^~?\//.test(value)) return 'should start with: / (fixed path) or ~/ (regex path)';
  if (value.includes('//')) return 'must not have empty segments';
  if (value.startsWith('~')) {
    const pattern = value.slice(1);
    // Look-around and the like are reported for the whole route (route.ts), as Kong does.
    return unsupportedConstruct(pattern) === undefined ? checkRegex?.(pattern) : undefined;
  }
  const problem = checkTriplets(value);
  if (problem !== undefined) return problem;
  const normal = normalizePath(value);
  return normal === value ? undefined : `non-normalized path, consider use '${normal}' instead`;
}
