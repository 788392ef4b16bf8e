/** The path a request has at its upstream (Kong's `path_handling: v0`; v1 acts as v0). */

/** Everything Kong sends as it is; any other byte is percent-encoded. */
const OUTSIDE = /[^!#$&'()*+,/:;=?@[\]A-Za-z0-9\-_.~%]/u;
const OUTSIDE_RUNS = /[^!#$&'()*+,/:;=?@[\]A-Za-z0-9\-_.~%]+/gu;

/**
 * Joins a service's path and a request's path.
 * @param servicePath the service's `path`; `null` is `/`
 * @param requestPath normalised, starts with `/`
 * @param prefix what the route's path consumed of it, if a path took part
 * @param stripPath the route's `strip_path`
 * @returns percent-encoded, ready for the request line; without a query
 */
export function upstreamPath(
  servicePath: string | null,
  requestPath: string,
  prefix: string | undefined,
  stripPath: boolean,
): string {
  const base = servicePath ?? '/';
  const path =
    stripPath && prefix !== undefined && prefix !== '/'
      ? stripped(base, requestPath, withoutDots(requestPath.slice(prefix.length)))
      : kept(base, requestPath);
  return encodePath(path);
}

/** Percent-encodes a path as Kong does on the way to the upstream: what is encoded already stays. */
export function encodePath(path: string): string {
  return OUTSIDE.test(path) ? path.replace(OUTSIDE_RUNS, encodeURIComponent) : path;
}

function kept(base: string, requestPath: string): string {
  if (base === '/') return requestPath;
  if (base.endsWith('/')) return base + requestPath.slice(1);
  return requestPath === '/' ? base : base + requestPath;
}

function stripped(base: string, requestPath: string, rest: string): string {
  const baseIsOpen = base.endsWith('/');
  if (rest === '') {
    if (base === '/') return base;
    const asksForSlash = requestPath.endsWith('/') && requestPath !== '/';
    if (baseIsOpen) return requestPath.endsWith('/') ? base : base.slice(0, -1);
    return asksForSlash ? `${base}/` : base;
  }
  if (rest.startsWith('/')) return baseIsOpen ? base.slice(0, -1) + rest : base + rest;
  return baseIsOpen ? base + rest : `${base}/${rest}`;
}

/**
 * Cutting `/api` off `/api../x` must not make a dot segment that climbs out of the service's path.
 * Once is enough: what follows is a normalised path and has no dot segments of its own.
 */
function withoutDots(rest: string): string {
  if (!rest.startsWith('.')) return rest;
  if (rest === '.' || rest === '..') return '';
  if (rest.startsWith('./')) return rest.slice(2);
  return rest.startsWith('../') ? rest.slice(3) : rest;
}
