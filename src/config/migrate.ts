/** Brings documents of the formats 1.1 and 2.1 to 3.0: a regex path gets the `~` that marks it. */
import { normalizePath } from '../http/path.ts';
import { isFields, type Fields } from './checks/field-issue.ts';

const OLD_VERSIONS: ReadonlySet<unknown> = new Set(['1.1', '2.1']);

/** True for a document whose paths mean something else than they say. */
export const isOldFormat = (document: Fields): boolean =>
  OLD_VERSIONS.has(document['_format_version']);

/** Paths of nothing but these characters are literal. */
const PLAIN_PATH = /^[A-Za-z0-9.\-_~/%]*$/;

const RESERVED = "!*'();:@&=+$,/?%#[]";
const REGEX_SIGNS = '.^$*+-?()[]{}\\|';

/**
 * The document in the form of format 3.0. Only the paths of top-level routes and of routes directly
 * below a service change (Kong looks nowhere else); the document itself is not touched.
 */
export function migrateDocument(document: Fields): Fields {
  if (!OLD_VERSIONS.has(document['_format_version'])) return document;
  const { services } = document;
  return {
    ...migrateRoutes(document),
    ...(Array.isArray(services) && {
      services: services.map((service: unknown) =>
        isFields(service) ? migrateRoutes(service) : service,
      ),
    }),
  };
}

function migrateRoutes(parent: Fields): Fields {
  const { routes } = parent;
  return Array.isArray(routes) ? { ...parent, routes: routes.map(migrateRoute) } : parent;
}

function migrateRoute(route: unknown): unknown {
  if (!isFields(route) || !Array.isArray(route['paths'])) return route;
  const paths = route['paths'].map((path: unknown) =>
    typeof path === 'string' ? migratePath(path) : path,
  );
  return { ...route, paths };
}

/** One path of format 1.1 or 2.1 in that of 3.0: `/v%31` becomes `/v1`, `/v\d` becomes `~/v\d`. */
export function migratePath(path: string): string {
  return PLAIN_PATH.test(path) ? normalizePath(path) : `~${decodeRegex(path)}`;
}

/** Decodes triplets; a sign of the regex syntax that appears by that stays the plain character it was. */
function decodeRegex(path: string): string {
  return path.replaceAll(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    if (RESERVED.includes(char) || char > '\u007f') return triplet.toUpperCase();
    return REGEX_SIGNS.includes(char) ? `\\${char}` : char;
  });
}
