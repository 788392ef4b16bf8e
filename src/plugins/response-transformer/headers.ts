/** The rules about header fields, in Kong's order: remove, rename, replace, add, append. */
import type { ResponseTransformerConfig } from '../../config/schema-types.ts';
import { bytesOfText } from '../../http/bytes.ts';
import {
  headerValue,
  headerValues,
  removeHeader,
  setHeader,
  type HeaderList,
} from '../../http/headers.ts';
import { splitNameValue } from '../../http/name-value.ts';
import type { Immutable } from '../../plugin.ts';

interface HeaderRule {
  readonly name: string;
  readonly lowerName: string;
  readonly value: string;
}

/** Changes a list in place. Whether a field is there is asked of the answer as it came, as with Kong. */
export function compileHeaderRules(
  config: Immutable<ResponseTransformerConfig>,
): (headers: HeaderList) => void {
  const remove = rulesOf(config.remove.headers);
  const rename = rulesOf(config.rename.headers);
  const replace = rulesOf(config.replace.headers).filter(({ value }) => value !== '');
  const add = rulesOf(config.add.headers).filter(({ value }) => value !== '');
  const append = rulesOf(config.append.headers).filter(({ value }) => value !== '');
  const asks = rename.length + replace.length + add.length > 0;
  return (headers) => {
    const before = asks ? [...headers] : headers;
    const wasThere = ({ lowerName }: HeaderRule): boolean =>
      headerValue(before, lowerName) !== undefined;
    for (const { lowerName } of remove) removeHeader(headers, lowerName);
    for (const rule of rename) if (wasThere(rule)) renameHeader(headers, before, rule);
    for (const rule of replace) if (wasThere(rule)) setHeader(headers, rule.name, rule.value);
    for (const rule of add) if (!wasThere(rule)) setHeader(headers, rule.name, rule.value);
    for (const { name, value } of append) headers.push(name, value);
  };
}

function rulesOf(entries: readonly string[]): HeaderRule[] {
  return entries.flatMap((entry) => {
    const pair = splitNameValue(entry);
    if (pair === undefined) return [];
    const { name, value } = pair;
    return [{ name, lowerName: name.toLowerCase(), value: bytesOfText(value.trim()) }];
  });
}

function renameHeader(headers: HeaderList, before: HeaderList, rule: HeaderRule): void {
  const { lowerName, value: newName } = rule;
  removeHeader(headers, lowerName);
  removeHeader(headers, newName.toLowerCase());
  for (const value of headerValues(before, lowerName)) headers.push(newName, value);
}
