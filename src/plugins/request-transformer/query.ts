/** The rules about arguments, of the query and of forms, in Kong's order. */
import { bytesOfText } from '../../http/bytes.ts';
import type { RequestContext } from '../../plugin.ts';
import { Arguments } from './arguments.ts';
import type { Environment } from './environment.ts';
import type { Rules } from './rules.ts';
import type { Template } from './template.ts';

export const queryOf = ({ rawQuery }: RequestContext): Arguments =>
  new Arguments(rawQuery.startsWith('?') ? rawQuery.slice(1) : rawQuery);

export function transformQuery(
  ctx: RequestContext,
  rules: Rules,
  env: Environment | undefined,
): void {
  const args = queryOf(ctx);
  transformArguments(args, rules, env);
  ctx.rawQuery = args.toQuery();
}

/** Changes them in place. */
export function transformArguments(
  args: Arguments,
  rules: Rules,
  env: Environment | undefined,
): void {
  const valueOf = (template: Template): string => bytesOfText(template.render(env));
  for (const name of rules.remove) args.delete(bytesOfText(name));
  for (const { name, newName } of rules.rename) args.rename(bytesOfText(name), valueOf(newName));
  for (const { name, value } of rules.replace) {
    const bytes = bytesOfText(name);
    if (args.has(bytes)) args.set(bytes, valueOf(value));
  }
  for (const { name, value } of rules.add) {
    const bytes = bytesOfText(name);
    if (!args.has(bytes)) args.set(bytes, valueOf(value));
  }
  for (const { name, value } of rules.append) args.append(bytesOfText(name), valueOf(value));
}
