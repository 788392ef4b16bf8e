/** What the configs of plugins that report traces must and must not say. */
import { isFields, type FieldIssue, type Fields } from './field-issue.ts';

/** What the zipkin plugin sets itself. */
const OWN_TAGS = [
  'error',
  'http.method',
  'http.path',
  'http.status_code',
  'kong.balancer.state',
  'kong.balancer.try',
  'kong.consumer',
  'kong.credential',
  'kong.node.id',
  'kong.route',
  'kong.service',
  'lc',
  'peer.hostname',
];

export const checkZipkinTag = (name: string): string | undefined =>
  OWN_TAGS.includes(name) ? `must not be one of: ${OWN_TAGS.join(', ')}` : undefined;

export function checkZipkin({ config }: Fields): FieldIssue[] {
  const tags = isFields(config) ? config['static_tags'] : undefined;
  if (!Array.isArray(tags)) return [];
  const names = tags
    .map((tag: unknown) => (isFields(tag) ? tag['name'] : undefined))
    .filter((name) => typeof name === 'string');
  const repeated = names.find((name, i) => names.indexOf(name) < i);
  if (repeated === undefined) return [];
  const message = `repeated tags are not allowed: ${repeated}`;
  return [{ code: 'SB1212', path: ['config', 'static_tags'], message }];
}
