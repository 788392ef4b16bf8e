/** Words for what entities say about each other: references to nothing, names and ids that are taken. */
import type { Explain } from './explain.ts';
import { endpointKey, foreignKeys, singularName } from './schemas.ts';
import { clip, describeSubject, isSecret, nameOf } from './subject.ts';
import { isFields } from './checks/field-issue.ts';

export const explainReference: Explain = (subject, issue, document) => {
  const { entity, below, value } = subject;
  const field = String(below[0]);
  const to = foreignKeys(entity?.kind ?? 'routes').find((key) => key.field === field)?.to;
  if (to === undefined) return {};
  const word = singularName(to).replaceAll('_', ' ');
  const target = isFields(value) ? `the id ${String(value['id'])}` : `'${clip(String(value))}'`;
  const summary = `${describeSubject(subject)} refers to ${target}, but there is no such ${word}`;
  if (issue.suggestion !== undefined) {
    return { summary, hint: `did you mean '${clip(issue.suggestion)}'?` };
  }
  const list = document[to];
  const isEmpty = !Array.isArray(list) || list.length === 0;
  const key = endpointKey(to);
  const how = key === undefined ? 'with that id' : `with that ${key}`;
  return {
    summary,
    hint: isEmpty
      ? `declare the ${word} ${how}: the document has no '${to}' at its top level`
      : `declare a ${word} ${how}, or refer to one that exists`,
  };
};

/** A reference that is no name and has no id. */
export const explainMalformed: Explain = (subject) => {
  const { entity, below } = subject;
  const field = String(below[0]);
  const reference = isFields(entity?.value) ? entity.value[field] : undefined;
  const name = isFields(reference) ? (reference['name'] ?? reference['username']) : undefined;
  return {
    summary: `'${field}' of ${nameOf(entity)} does not say which entity it means`,
    ...(typeof name === 'string' && { hint: `write the name itself: ${field}: ${clip(name)}` }),
  };
};

export const explainTaken: Explain = (subject, issue) => {
  const { entity } = subject;
  const field = issue.at?.at(-1);
  if (entity === undefined) return {};
  if (typeof field !== 'string') {
    return {
      summary: `${nameOf(entity)} is declared a second time`,
      hint: 'remove one of the two: nothing tells them apart',
    };
  }
  const word = singularName(entity.kind).replaceAll('_', ' ');
  const at = { ...subject, below: [field] };
  const value = isFields(entity.value) ? entity.value[field] : undefined;
  const shown = typeof value === 'string' && !isSecret(at) ? ` '${clip(value)}'` : '';
  return {
    summary: `the ${field}${shown} of ${nameOf(entity)} is already taken by another ${word}`,
  };
};
