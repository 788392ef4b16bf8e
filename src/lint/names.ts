/** How messages call an entity. */
import type { Consumer, PluginEntity } from '../config/types.ts';

interface Named {
  readonly id: string;
  readonly name?: string | null;
}

/** `route 'orders'`; by its id when it has no name. */
export const called = (what: string, { id, name }: Named): string => `${what} '${name ?? id}'`;

export const calledConsumer = ({ id, username, custom_id: customId }: Consumer): string =>
  `consumer '${username ?? customId ?? id}'`;

/** `plugin 'jwt'`. */
export const calledPlugin = ({ name }: PluginEntity): string => `plugin '${name}'`;

/** `1 entry`, `2 entries`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** `'a', 'b' and 'c'`. */
export function list(texts: readonly string[]): string {
  const quoted = texts.map((text) => `'${text}'`);
  const last = quoted.at(-1) ?? '';
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')} and ${last}`;
}
