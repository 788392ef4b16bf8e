/** What is wrong with a text that YAML cannot read: the mistakes that people make, told from the parser's complaint. */
import { LINE_MISTAKES, tab } from './syntax-lines.ts';
import { sourceOf, type Complaint, type SyntaxProblem } from './syntax-source.ts';
import { VALUE_MISTAKES } from './syntax-values.ts';

const MISTAKES = [tab, ...VALUE_MISTAKES, ...LINE_MISTAKES];

/** The first that recognises the mistake; else the parser's own words. */
export function recogniseSyntaxProblem(text: string, complaint: Complaint): SyntaxProblem {
  const source = sourceOf(text, complaint);
  for (const recognise of MISTAKES) {
    const problem = recognise(source);
    if (problem !== undefined) return problem;
  }
  const { offset, reason } = complaint;
  const isJson = /^\s*[[{]/.test(text);
  return {
    code: isJson ? 'SB1013' : 'SB1002',
    summary: `the ${isJson ? 'JSON' : 'YAML'} cannot be read: ${reason}`,
    start: offset,
    end: offset + 1,
  };
}
