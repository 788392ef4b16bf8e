/** Media types in the strict form that Kong's cache takes: anything else matches nothing. */

export interface MediaType {
  /** Lower case, or `*`. */
  readonly type: string;
  readonly subtype: string;
  /** By lower-case name; values as written. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const TYPES = new RegExp(`^(?:(${TOKEN})/(${TOKEN})|\\*)`);
const PARAMETER = new RegExp(
  `[ \\t]*;[ \\t]*(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")`,
  'y',
);

/** `undefined` for what is no media type; a lone `*` is any. */
export function parseMediaType(text: string): MediaType | undefined {
  const types = TYPES.exec(text);
  if (types === null) return undefined;
  const [whole, type = '*', subtype = '*'] = types;
  const parameters = new Map<string, string>();
  let at = whole.length;
  while (at < text.length) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(text);
    if (found === null) return undefined;
    const [, name = '', token, quoted = ''] = found;
    parameters.set(name.toLowerCase(), token ?? quoted);
    at = PARAMETER.lastIndex;
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters };
}

/** A test whether a Content-Type is one of `expected`; of those, what is no media type is none. */
export function compileMediaTypes(expected: readonly string[]): (contentType: string) => boolean {
  const wanted = expected.flatMap((text) => parseMediaType(text) ?? []);
  return (contentType) => {
    const actual = parseMediaType(contentType);
    return actual !== undefined && wanted.some((candidate) => matches(candidate, actual));
  };
}

function matches(wanted: MediaType, actual: MediaType): boolean {
  if (wanted.type !== '*' && wanted.type !== actual.type) return false;
  if (wanted.subtype !== '*' && wanted.subtype !== actual.subtype) return false;
  if (wanted.parameters.size !== actual.parameters.size) return false;
  return [...wanted.parameters].every(([name, value]) => actual.parameters.get(name) === value);
}
