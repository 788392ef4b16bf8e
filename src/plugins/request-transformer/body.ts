/** The rules about bodies: forms, JSON objects and multipart forms. Anything else is left alone. */
import {
  isThere,
  readMembers,
  withAppended,
  writeMembers,
  type JsonMembers,
} from '../../http/json-members.ts';
import { Arguments } from './arguments.ts';
import type { Environment } from './environment.ts';
import { transformMultipart } from './multipart.ts';
import { transformArguments } from './query.ts';
import type { Rules } from './rules.ts';

export type BodyKind = 'json' | 'multipart' | 'form';

/** By what the type contains, as Kong looks at it. */
export function bodyKind(contentType: string | undefined): BodyKind | undefined {
  const type = contentType?.toLowerCase() ?? '';
  if (type.includes('application/json')) return 'json';
  if (type.includes('multipart/form-data')) return 'multipart';
  return type.includes('application/x-www-form-urlencoded') ? 'form' : undefined;
}

/** The changed body; `undefined` when it stays as it is. */
export function transformBody(
  body: Buffer,
  contentType: string,
  rules: Rules,
  env: Environment | undefined,
): Buffer | undefined {
  // There is nothing in an empty body that could be taken out or changed.
  const { add, append } = rules;
  if (body.length === 0 && add.length === 0 && append.length === 0) return undefined;
  switch (bodyKind(contentType)) {
    case 'form':
      return transformForm(body, rules, env);
    case 'json':
      return transformJson(body, rules, env);
    case 'multipart':
      return transformMultipart(body, contentType, rules, env);
    case undefined:
      return undefined;
  }
}

function transformForm(body: Buffer, rules: Rules, env: Environment | undefined): Buffer {
  const args = new Arguments(body.toString('latin1'));
  transformArguments(args, rules, env);
  return Buffer.from(args.toForm(), 'latin1');
}

/** Values become texts. What is no JSON object has no members to change. */
function transformJson(
  body: Buffer,
  rules: Rules,
  env: Environment | undefined,
): Buffer | undefined {
  const members: JsonMembers | undefined = body.length === 0 ? new Map() : readMembers(body);
  if (members === undefined) return undefined;
  for (const name of rules.remove) members.delete(name);
  for (const { name, newName } of rules.rename) renameMember(members, name, newName.render(env));
  for (const { name, value } of rules.replace) {
    if (isThere(members, name)) members.set(name, value.render(env));
  }
  for (const { name, value } of rules.add) {
    if (!isThere(members, name)) members.set(name, value.render(env));
  }
  for (const { name, value } of rules.append) {
    members.set(name, withAppended(members.get(name), value.render(env)));
  }
  return writeMembers(members);
}

function renameMember(members: JsonMembers, name: string, newName: string): void {
  if (name === newName || !isThere(members, name)) return;
  const value = members.get(name);
  members.delete(name);
  members.set(newName, value);
}
