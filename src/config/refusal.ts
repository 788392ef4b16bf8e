/** The end of a load that found problems: each gets its words and its place, and all are thrown at once. */
import { ConfigError, type ConfigIssue, type ConfigPath } from '../errors.ts';
import { explainIssue } from './explain.ts';
import type { ReadDocument } from './read.ts';
import type { PluginSchemas } from './schemas.ts';

/** Nobody reads more, and a text of a few megabytes can have millions. */
export const ISSUES_MAX = 1000;

const TOO_MANY: ConfigIssue = {
  code: 'SB1000',
  path: [],
  message: `more than ${ISSUES_MAX} problems; the others are not listed`,
};

/** @param further what Kong would find only later */
export type Refuse = (issues: readonly ConfigIssue[], further: readonly ConfigIssue[]) => never;

export function createRefusal(document: ReadDocument, plugins?: PluginSchemas): Refuse {
  const explained = (issue: ConfigIssue): ConfigIssue =>
    explainIssue(issue, document.written, plugins);
  const finish = (issue: ConfigIssue): ConfigIssue => inFile(located(issue, document), document);
  return (issues, further) => {
    const listed = issues.slice(0, ISSUES_MAX);
    if (issues.length > ISSUES_MAX) listed.push(TOO_MANY);
    const more = further.slice(0, ISSUES_MAX - Math.min(ISSUES_MAX, listed.length));
    const found = markEchoes(listed.map(explained)).map(finish);
    throw new ConfigError(found, { further: more.map(explained).map(finish) });
  };
}

const keyOf = (path: ConfigPath): string => JSON.stringify(path);

/** Rules that a field of another name would have kept. */
const NEED_A_FIELD: ReadonlySet<string | undefined> = new Set(['SB1201', 'SB1202', 'SB1207']);

/** That a field is missing says nothing new where another one is its misspelling. */
function markEchoes(issues: readonly ConfigIssue[]): ConfigIssue[] {
  const renamed = new Set<string>();
  for (const { code, path, suggestion } of issues) {
    if (code !== 'SB1101' || suggestion === undefined) continue;
    const record = path.slice(0, -1);
    const names = suggestion === 'url' ? ['url', 'host'] : [suggestion];
    for (const name of names) renamed.add(keyOf([...record, name]));
    renamed.add(keyOf(record));
  }
  return issues.map((issue) => {
    const needs = issue.code === 'SB1102' || NEED_A_FIELD.has(issue.code);
    return needs && renamed.has(keyOf(issue.path)) ? { ...issue, isEcho: true } : issue;
  });
}

/** An unknown field is wrong by its name, anything else by its value. */
const partOf = ({ code }: ConfigIssue): 'name' | 'value' => (code === 'SB1101' ? 'name' : 'value');

function located(issue: ConfigIssue, { locate }: ReadDocument): ConfigIssue {
  const { at, seeAlso = [], ...rest } = issue;
  const position = issue.position ?? locate?.(at ?? issue.path, partOf(issue));
  const related = seeAlso.map(({ message, path }) => ({ message, range: locate?.(path) }));
  return {
    ...rest,
    ...(position !== undefined && { position }),
    ...(related.length > 0 && { related }),
  };
}

/** In the words of the file: with the path it has there, and without the values of references. */
function inFile(issue: ConfigIssue, { ownPath, hide }: ReadDocument): ConfigIssue {
  const { path, message, summary, hint, suggestion } = issue;
  return {
    ...issue,
    path: ownPath(path),
    message: hide(message),
    ...(summary !== undefined && { summary: hide(summary) }),
    ...(hint !== undefined && { hint: hide(hint) }),
    ...(suggestion !== undefined && { suggestion: hide(suggestion) }),
  };
}
