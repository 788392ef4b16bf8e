/** Tags that a client sends along: `name=value; name=value`, in one header or several of the same name. */
import { textOfBytes } from '../../http/bytes.ts';
import { headerValues, type HeaderList } from '../../http/headers.ts';

/** The name is as long as it can be: it may hold `=`. */
const TAG = /^\s*(\S+)\s*=\s*(.*\S)\s*$/;

export interface RequestTags {
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** How many parts were no tags. */
  readonly unreadable: number;
}

export function parseRequestTags(headers: Readonly<HeaderList>, lowerName: string): RequestTags {
  const parts = headerValues(headers, lowerName)
    .flatMap((value) => textOfBytes(value).split(';'))
    .filter((part) => part !== '');
  const tags = parts.flatMap((part): (readonly [string, string])[] => {
    const [, name, value] = TAG.exec(part) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  return { tags, unreadable: parts.length - tags.length };
}
