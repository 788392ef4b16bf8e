/** kong.conf: `name = value` lines, `#` comments, no quoting. The last of repeated names wins. */

/** A comment, unless its sign is escaped. */
const COMMENT = /(?<!\\)#.*$/;
const ASSIGNMENT = /^\s*([^=\s]+)\s*=(.*)$/;

/** Reads the text of a file. `name =` unsets a property; lines that are no assignment are ignored. */
export function parseConfFile(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = ASSIGNMENT.exec(line.replace(COMMENT, '')) ?? [];
    if (name === undefined || value === undefined) continue;
    values.set(name.toLowerCase(), value.trim().replaceAll(String.raw`\#`, '#'));
  }
  return values;
}
