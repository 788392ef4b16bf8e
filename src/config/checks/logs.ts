/** What the log plugins' configs must and must not say. */
import { parseLooseUrl } from '../../http/loose-url.ts';
import { isFields, type FieldIssue, type Fields } from './field-issue.ts';
import { checkFieldValue, checkHeaderName } from './text.ts';

const CODE = 'SB1212';
/** Kong's own sets them. */
const OWN_HEADERS = ['Host', 'Content-Length', 'Content-Type'] as const;

/** The part of a file's name that Kong refuses. */
const BAD_IN_PATH = /[*&%\\`]/;

export const checkFilePath = (path: string): string | undefined =>
  BAD_IN_PATH.test(path) ? 'not a valid filename' : undefined;

/** Of the statsd plugin; of more than three digits it reads three, as Kong does. */
export const checkStatusRange = (range: string): string | undefined =>
  /^\d+-\d+$/.test(range) ? undefined : `invalid value: ${range}`;

/** Lua would have to run inside of the gateway; nothing of a config is run here. */
export function checkLogPlugin({ config }: Fields): FieldIssue[] {
  const lua = isFields(config) ? config['custom_fields_by_lua'] : undefined;
  if (!isFields(lua) || Object.keys(lua).length === 0) return [];
  return [
    {
      code: CODE,
      path: ['config', 'custom_fields_by_lua'],
      message: 'Lua code is not run by this version; remove the field',
      hint: 'remove the field; headers are part of the record, and request-transformer can add some',
    },
  ];
}

export function checkHttpLog({ config }: Fields): FieldIssue[] {
  if (!isFields(config) || !isFields(config['headers'])) return [];
  const { headers, http_endpoint: endpoint } = config;
  const issues = Object.entries(headers).flatMap(([name, value]) => headerIssues(name, value));
  const hasUser = typeof endpoint === 'string' && parseLooseUrl(endpoint).userinfo !== undefined;
  if (hasUser && Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
    const message =
      "specifying both an 'Authorization' header and user info in 'http_endpoint' is not allowed";
    issues.push({ code: CODE, path: ['config'], message });
  }
  return issues;
}

function headerIssues(name: string, value: unknown): FieldIssue[] {
  const own = OWN_HEADERS.find((header) => header.toLowerCase() === name.toLowerCase());
  const message = own === undefined ? checkHeaderName(name) : `cannot contain '${own}' header`;
  const path = ['config', 'headers'];
  if (message !== undefined) return [{ code: 'SB1119', path, message }];
  const problem = typeof value === 'string' ? checkFieldValue(value) : undefined;
  return problem === undefined ? [] : [{ code: 'SB1119', path: [...path, name], message: problem }];
}
