/** The rules about header fields, in Kong's order. The Host is only ever replaced. */
import { bytesOfText } from '../../http/bytes.ts';
import { headerValue, headerValues, removeHeader, setHeader } from '../../http/headers.ts';
import type { RequestContext } from '../../plugin.ts';
import type { Environment } from './environment.ts';
import type { Rules } from './rules.ts';
import type { Template } from './template.ts';

const HOST = 'host';
/** Whatever a client wrote into a template's value, it stays one line (RFC 9110 section 5.5). */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]+/g;

export function transformHeaders(
  ctx: RequestContext,
  rules: Rules,
  env: Environment | undefined,
): void {
  const { headers } = ctx;
  const valueOf = (template: Template): string =>
    bytesOfText(template.render(env).replaceAll(CONTROLS, '').trim());

  for (const name of rules.remove) {
    const lowerName = name.toLowerCase();
    if (lowerName !== HOST) removeHeader(headers, lowerName);
  }
  for (const { name, newName } of rules.rename) renameHeader(ctx, name, newName.render(env));
  for (const { name, value } of rules.replace) {
    const lowerName = name.toLowerCase();
    if (lowerName === HOST) ctx.upstreamHost = valueOf(value);
    else if (headerValue(headers, lowerName) !== undefined)
      setHeader(headers, name, valueOf(value));
  }
  for (const { name, value } of rules.add) {
    const lowerName = name.toLowerCase();
    const isThere = lowerName === HOST || headerValue(headers, lowerName) !== undefined;
    if (!isThere) headers.push(name, valueOf(value));
  }
  for (const { name, value } of rules.append) {
    if (name.toLowerCase() !== HOST) headers.push(name, valueOf(value));
  }
}

/** Over fields of that name, if there is anything to rename. */
function renameHeader({ headers }: RequestContext, name: string, newName: string): void {
  const [lowerName, lowerNewName] = [name.toLowerCase(), newName.toLowerCase()];
  if (lowerName === HOST || lowerNewName === HOST) return;
  const values = headerValues(headers, lowerName);
  if (values.length === 0 || name === newName) return;
  removeHeader(headers, lowerName);
  removeHeader(headers, lowerNewName);
  for (const value of values) headers.push(newName, value);
}
