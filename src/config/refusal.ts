/** The end of a load that found problems: each gets its words and its place, and all are thrown at once. */
import { ConfigError, type ConfigIssue, type ConfigPath } from '../errors.ts';
import { explainIssue } from './explain.ts';
import type { ReadDocument } from './read.ts';

/** Nobody reads more, and a text of a few megabytes can have millions. */
export const ISSUES_MAX = 1000;

const TOO_MANY: ConfigIssue = {
  code: 'SB1000',
  path: [],
  message: `more than ${ISSUES_MAX} problems; the others are not listed`,
};

/** @param further what Kong would find only later */
export type Refuse = (issues: readonly ConfigIssue[], further: readonly ConfigIssue[]) => never;

export function createRefusal(document: ReadDocument): Refuse {
  const explained = (issue: ConfigIssue): ConfigIssue => explainIssue(issue, document.written);
  const finish = (issue: ConfigIssue): ConfigIssue => inFile(located(issue, document), document);
  return (issues, further) => {
    const listed = issues.slice(0, ISSUES_MAX);
    if (issues.length > ISSUES_MAX) listed.push(TOO_MANY);
    const more = further.slice(0, ISSUES_MAX - Math.min(ISSUES_MAX, listed.length));
    const found = listed.map(explained);
    const meant = renamedFields(found);
    throw new ConfigError(
      found.map((issue) => {
        const isEcho = meant.has(keyOf(issue.path)) && issue.code === 'SB1102';
        return finish(isEcho ? { ...issue, isEcho } : issue);
      }),
      { further: more.map(explained).map(finish) },
    );
  };
}

const keyOf = (path: ConfigPath): string => JSON.stringify(path);

/** Where the fields would be whose names are misspelled: that they are missing says nothing new. */
function renamedFields(issues: readonly ConfigIssue[]): ReadonlySet<string> {
  return new Set(
    issues.flatMap(({ code, path, suggestion }) =>
      code === 'SB1101' && suggestion !== undefined
        ? [keyOf([...path.slice(0, -1), suggestion])]
        : [],
    ),
  );
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
