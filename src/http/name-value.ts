/** Entries `name:value` of the transforming plugins, as Kong splits them. */

export interface NameValue {
  readonly name: string;
  /** The empty string when there is none. */
  readonly value: string;
}

/** The first colon ends the name, and those right behind it are skipped. `undefined` without a name. */
export function splitNameValue(entry: string): NameValue | undefined {
  const [, name, value = ''] = /^([^:]+):*([^]*)$/.exec(entry) ?? [];
  return name === undefined ? undefined : { name, value };
}
