/** An issue in words for people: one sentence what is wrong, one what to do, and the word that was meant. */
import type { ConfigIssue } from '../errors.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import { enterpriseAdvice } from './enterprise.ts';
import { explainMalformed, explainReference, explainTaken } from './explain-relations.ts';
import { explainUnknownField } from './explain-unknown-field.ts';
import { VALUE_WORDS } from './explain-value.ts';
import { BUNDLED_SCHEMAS, pluginSchema, type FieldSchema, type PluginSchemas } from './schemas.ts';
import {
  describeSubject,
  exampleOf,
  nameOf,
  shownValue,
  subjectAt,
  type Subject,
} from './subject.ts';
import { insteadOf } from './refused-plugins.ts';
import { nearest } from './suggest.ts';
import { KONG_PLUGINS } from './unsupported.ts';

/** What an issue says to people; what is absent is said by Kong's message or the catalogue. */
export type Words = Pick<ConfigIssue, 'summary' | 'hint' | 'suggestion'>;

/** @param document as parsed */
export type Explain = (subject: Subject, issue: ConfigIssue, document: Fields) => Words;

/** The issue with words; those that it has already stay. @param document as parsed */
export function explainIssue(
  issue: ConfigIssue,
  document: Fields,
  plugins?: PluginSchemas,
): ConfigIssue {
  const subject = subjectAt(document, issue.path, plugins);
  const explain = isVersion(subject) && subject.value !== undefined ? version : explainerOf(issue);
  return { ...explain(subject, issue, document), ...issue };
}

const explainerOf = ({ code = '' }: ConfigIssue): Explain => EXPLAIN.get(code) ?? predicate;

/** Says that a rule does not hold: `predicate` of the issue, else Kong's message. */
const predicate: Explain = (subject, { predicate: claim, message }) => ({
  summary:
    claim === undefined
      ? `${describeSubject(subject)}: ${message}`
      : `${describeSubject(subject)} ${claim}`,
});

const missing: Explain = (subject, { path }) => {
  const field = String(path.at(-1));
  const owner = describeSubject({ ...subject, below: subject.below.slice(0, -1) });
  const example = exampleOf(subject.schema);
  const written = subject.schema?.['x-kong-foreign'] !== undefined && subject.entity !== undefined;
  const place = written ? `, or move the entry into the ${field} it belongs to` : '';
  const line =
    example === undefined ? `'${field}'` : `'${field}', for example \`${field}: ${example}\``;
  return { summary: `${owner} has no '${field}'`, hint: `add ${line}${place}` };
};

/** What an enumeration allows, nearest first in words. */
function choice(subject: Subject, allowed: readonly string[], noun: string): Words {
  const { value } = subject;
  const meant = typeof value === 'string' ? nearest(value, allowed) : undefined;
  const list = allowed.map((word) => `'${word}'`).join(', ');
  return {
    summary: `${describeSubject(subject)} cannot be${shownValue(subject) || ' this value'}`,
    hint: meant === undefined ? `use one of the ${noun}: ${list}` : `did you mean '${meant}'?`,
    ...(meant !== undefined && { suggestion: meant }),
  };
}

const enumeration: Explain = (subject, issue) => {
  const allowed = valuesOf(subject.schema);
  if (allowed.length === 0) return predicate(subject, issue, {});
  return choice(elementIn(subject, allowed), allowed, 'values');
};

/** Of a list, the first element that is not allowed. */
function elementIn(subject: Subject, allowed: readonly string[]): Subject {
  const { value, below } = subject;
  const index = Array.isArray(value)
    ? value.findIndex((one) => !allowed.includes(String(one)))
    : -1;
  if (!Array.isArray(value) || index < 0) return subject;
  const element: unknown = value[index];
  return { ...subject, value: element, below: [...below, index] };
}

/** The values of a field, or of the elements of its list. */
const valuesOf = (schema: FieldSchema | undefined): string[] =>
  (schema?.enum ?? schema?.items?.enum ?? []).map(String);

const range: Explain = (subject, issue) => {
  const { minimum, maximum } = subject.schema ?? {};
  if (minimum === undefined && maximum === undefined) return predicate(subject, issue, {});
  const bounds =
    maximum === undefined ? `at least ${minimum}` : `between ${minimum ?? 0} and ${maximum}`;
  return {
    summary: `${describeSubject(subject)} must be ${bounds}, but is${shownValue(subject)}`,
    hint: `use a number ${maximum === undefined ? 'that is ' : ''}${bounds}`,
  };
};

const emptyText: Explain = (subject, issue) => ({
  summary:
    subject.value === ''
      ? `${describeSubject(subject)} is empty`
      : `${describeSubject(subject)}: ${issue.message}`,
  ...(exampleOf(subject.schema) !== undefined && {
    hint: `write a value, for example ${exampleOf(subject.schema)}, or remove the field`,
  }),
});

const pluginProtocol: Explain = (subject) => {
  const { entity, plugins } = subject;
  const name = isFields(entity?.value) ? entity.value['name'] : undefined;
  const schema = typeof name === 'string' ? pluginSchema(name, plugins) : undefined;
  return choice(subject, schema?.['x-kong-protocols'] ?? [], 'protocols it serves');
};

const unknownPlugin: Explain = ({ value, plugins = BUNDLED_SCHEMAS }) => {
  const name = String(value);
  if (plugins.has(name)) {
    return {
      summary: `the plugin '${name}' is switched off by the setting 'plugins'`,
      hint: `add it to that setting, e.g. KONG_PLUGINS=bundled, or remove the entry`,
    };
  }
  const advice = enterpriseAdvice(name);
  if (advice !== undefined) {
    return { summary: `the plugin '${name}' belongs to Kong Enterprise`, hint: advice };
  }
  const meant = nearest(name, [...plugins.keys()]) ?? nearest(name, KONG_PLUGINS);
  if (meant === undefined || !plugins.has(meant)) {
    const other = meant === undefined ? '' : ` ('${meant}' is not supported by this version)`;
    return {
      summary: `there is no plugin '${name}'${other}`,
      hint: 'correct the name, or remove the entry; the README lists the plugins of this version',
    };
  }
  return {
    summary: `there is no plugin '${name}'`,
    hint: `did you mean '${meant}'?`,
    suggestion: meant,
  };
};

const unsupportedPlugin: Explain = ({ value }) => ({
  summary: `the plugin '${String(value)}' is not supported by this version`,
  hint: `${insteadOf(String(value))}, or remove the entry`,
});

const scope: Explain = ({ entity, below }) => ({
  summary: `${nameOf(entity)} cannot belong to a ${String(below[0]).replaceAll('_', ' ')}`,
  hint: 'move the entry out of it, or remove the reference',
});

const nestedParent: Explain = ({ entity, below }) => ({
  summary: `${nameOf(entity)} is nested, and must not have the field '${String(below[0])}'`,
  hint: `remove '${String(below[0])}', or move the entry to the top level of the document`,
});

const isVersion = ({ entity, below }: Subject): boolean =>
  entity === undefined && below[0] === '_format_version';

const version: Explain = (subject) => ({
  summary: `the format version must be the text '1.1', '2.1' or '3.0', but is${shownValue(subject)}`,
  hint: "write _format_version: '3.0'",
  suggestion: "'3.0'",
});

const EXPLAIN: ReadonlyMap<string, Explain> = new Map<string, Explain>([
  ['SB1101', explainUnknownField],
  ['SB1102', missing],
  ['SB1104', enumeration],
  ['SB1105', range],
  ['SB1106', emptyText],
  ['SB1209', pluginProtocol],
  ['SB1210', scope],
  ['SB1211', nestedParent],
  ['SB1301', explainReference],
  ['SB1302', explainTaken],
  ['SB1303', explainTaken],
  ['SB1304', explainTaken],
  ['SB1305', explainMalformed],
  ['SB1401', unsupportedPlugin],
  ['SB1402', unknownPlugin],
  ...VALUE_WORDS,
]);
