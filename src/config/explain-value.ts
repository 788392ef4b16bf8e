/** Words for values that are wrong by themselves: their type, or what a field's own check says of them. */
import { isFields, type Fields } from './checks/field-issue.ts';
import type { Explain, Words } from './explain.ts';
import type { FieldSchema } from './schemas.ts';
import { clip, describeSubject, exampleOf, isSecret, shownValue, type Subject } from './subject.ts';

// --- types ---

/** What a field wants, as a person says it. */
function wantedType(schema: FieldSchema | undefined): string {
  const kind = schema?.['x-kong-type'];
  if (kind === 'set' || schema?.type === 'array') return 'a list';
  if (kind === 'map') return 'a mapping';
  if (schema?.['x-kong-foreign'] !== undefined) return 'the name of an entity';
  switch (schema?.type) {
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'text';
    default:
      return 'a mapping';
  }
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return 'nothing';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return Number.isInteger(value) ? 'a number' : 'a number with a fraction';
    case 'boolean':
      return `the boolean ${value}`;
    default:
      return 'a mapping';
  }
}

const wrongType: Explain = (subject) => {
  const { schema, value } = subject;
  if (schema?.['x-kong-type'] === 'map' && isFields(value)) return wrongMember(subject, value);
  const wanted = wantedType(subject.schema);
  const found = typeOf(subject.value);
  return {
    summary: `${describeSubject(subject)} must be ${wanted}, but is ${found}`,
    ...mendType(subject, wanted),
  };
};

/** Kong reports what is wrong inside of a map at the map. */
function wrongMember(subject: Subject, members: Fields): Words {
  const others = subject.schema?.additionalProperties;
  const wanted = wantedType(typeof others === 'object' ? others : undefined);
  const odd = Object.entries(members).find(([, member]) => typeOf(member) !== wanted);
  const shown = odd !== undefined && wanted === 'a list' && isScalar(odd[1]);
  return {
    summary: `every member of ${describeSubject(subject)} must be ${wanted}`,
    hint: shown
      ? `write ${odd[0]}: [${JSON.stringify(String(odd[1]))}]`
      : `write ${wanted} behind every name`,
  };
}

function mendType(subject: Subject, wanted: string): Words {
  const { value, below } = subject;
  const replacement = converted(subject, wanted);
  const shown = isSecret(subject) ? undefined : replacement;
  if (replacement !== undefined) {
    const quoting = typeof value === 'string' ? 'remove the quotes' : 'put it in quotes';
    const action = wanted === 'a list' ? 'make a list of it' : quoting;
    // Of `on` and `yes` nobody knows any more how they were written.
    return shown === undefined || typeof value === 'boolean'
      ? { hint: action }
      : { hint: `${action}: ${lineOf(subject, shown)}`, suggestion: shown };
  }
  if (wanted === 'a list') return { hint: 'begin every element with a dash, or use [ … ]' };
  if (wanted === 'a mapping') {
    const glued = typeof value === 'string' ? /^([\w-]+):(\S.*)$/.exec(value) : null;
    if (glued !== null) return { hint: `write a space after the colon of '${glued[1]}'` };
    const field = below.length === 0 ? 'the fields of the entry' : 'its fields';
    return { hint: `write ${field} one a line, each as \`name: value\`` };
  }
  if (wanted === 'text' && isFields(value))
    return { hint: 'put the value in quotes: without them { … } is a mapping' };
  const example = exampleOf(subject.schema);
  const like = example === undefined || isSecret(subject) ? '' : `, for example ${example}`;
  return { hint: `write ${wanted}${like}` };
}

/** The value in the type that is wanted, as YAML, where it is clear what that would be. */
function converted({ value, schema }: Subject, wanted: string): string | undefined {
  if (wanted === 'a list') return isScalar(value) ? `[${yamlOf(value, schema?.items)}]` : undefined;
  if (wanted === 'text') return isScalar(value) ? JSON.stringify(String(value)) : undefined;
  if (typeof value !== 'string') return undefined;
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(value);
  if (wanted === 'a whole number') return /^-?\d+$/.test(value) ? value : undefined;
  if (wanted === 'a number') return isNumber ? value : undefined;
  return wanted === 'true or false' && /^(?:true|false)$/i.test(value)
    ? value.toLowerCase()
    : undefined;
}

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function yamlOf(value: unknown, schema: FieldSchema | undefined): string {
  if (typeof value !== 'string') {
    return schema?.type === 'string' ? JSON.stringify(String(value)) : String(value);
  }
  return /^[\w/~.-]+$/.test(value) ? value : JSON.stringify(value);
}

const lineOf = ({ below }: Subject, value: string): string => {
  const name = below.at(-1);
  return typeof name === 'string' ? `${name}: ${value}` : `- ${value}`;
};

// --- texts ---

/** What a value is not; the hint where the value itself shows what to do. */
const badText =
  (claim: string, mend: (text: string, subject: Subject) => Words = () => ({})): Explain =>
  (subject) => ({
    summary: `${describeSubject(subject)} ${claim.replace('%', shownValue(subject))}`,
    ...(typeof subject.value === 'string' && mend(subject.value, subject)),
  });

const instead = (suggestion: string): Words => ({
  hint: `write ${clip(suggestion)}`,
  suggestion,
});

function mendHost(text: string, { entity }: Subject): Words {
  const [, host = '', port] = /^(?:[a-z+]+:\/\/)?([^/:]*)(?::(\d+))?/i.exec(text) ?? [];
  if (/^[a-z+]+:\/\//i.test(text)) {
    return entity?.kind === 'services'
      ? { hint: `write 'url: ${clip(text)}' in place of 'host', or the host alone: ${host}` }
      : instead(host);
  }
  if (port !== undefined && entity?.kind === 'services') {
    return { hint: `write host: ${clip(host)} and port: ${port}` };
  }
  return text.includes(' ') ? { hint: 'remove the spaces' } : {};
}

function mendRouteHost(text: string): Words {
  if (/^[a-z+]+:\/\//i.test(text))
    return instead(text.replace(/^[a-z+]+:\/\//i, '').split('/')[0] ?? '');
  if (text.includes('*')) {
    return { hint: "put one * in place of the first or the last label, as '*.example.com'" };
  }
  return text.includes('/') ? { hint: "move what follows the host to 'paths'" } : {};
}

function mendPath(text: string): Words {
  if (text.startsWith('~') || text.startsWith('^'))
    return instead(`~/${text.replace(/^[~^/]+/, '')}`);
  if (/^[a-z+]+:\/\//i.test(text)) return { hint: "write the path alone; hosts belong in 'hosts'" };
  if (!text.startsWith('/')) return instead(`/${text}`);
  return text.includes('//') ? instead(text.replaceAll(/\/{2,}/g, '/')) : {};
}

function mendName(text: string): Words {
  const plain = text.trim().replaceAll(/[^\w.~\u{80}-\u{10FFFF}-]+/gu, '-');
  return plain === '' || plain === '-' ? {} : instead(plain);
}

function mendMethod(text: string): Words {
  const upper = text.toUpperCase();
  return /^[A-Z]+$/.test(upper) ? instead(upper) : {};
}

function mendVault(text: string, { below }: Subject): Words {
  return below[0] === 'name'
    ? instead('env')
    : text === 'env'
      ? { hint: 'choose another prefix' }
      : {};
}

const because =
  (claim: string): Explain =>
  (subject, { message }) => ({
    summary: `${describeSubject(subject)} ${claim}: ${message}`,
  });

const cannotSet: Explain = (subject, { message, predicate = message }) => {
  const { entity, below } = subject;
  const protocols = isFields(entity?.value) ? entity.value['protocols'] : undefined;
  const shown = Array.isArray(protocols) ? ` [${protocols.join(', ')}]` : '';
  return {
    summary: `${describeSubject(subject)} ${predicate}`,
    hint: `remove '${String(below[0])}', or change the protocols${shown}`,
  };
};

const pathReason: Explain = (subject, { message }) => {
  const { value } = subject;
  const words = typeof value === 'string' ? mendPath(value) : {};
  const normal = /^non-normalized path, consider use '(.*)' instead$/s.exec(message)?.[1];
  return {
    summary: `${describeSubject(subject)} is no path${shownValue(subject)}: ${message}`,
    ...(normal === undefined ? words : instead(normal)),
  };
};

const stream: Explain = (subject) => ({
  summary: `${describeSubject(subject)} is about streams, which this version does not serve`,
  ...(!String(subject.below[0]).startsWith('protocol') && {
    hint: `remove '${String(subject.below[0])}'`,
  }),
});

const literalSecret: Explain = (subject) => ({
  summary: `${describeSubject(subject)} holds a vault reference, and its text would be the secret: nothing resolves it`,
});

/** By the code of the catalogue. */
export const VALUE_WORDS: readonly (readonly [code: string, explain: Explain])[] = [
  ['SB1103', wrongType],
  ['SB1108', badText('is no time:%')],
  ['SB1110', badText('has characters that no name may have:%', mendName)],
  ['SB1111', badText('has characters that no tag may have:%')],
  ['SB1112', badText('is no UUID:%')],
  ['SB1113', badText('is no host:%', mendHost)],
  ['SB1114', badText('is no host that a route can have:%', mendRouteHost)],
  ['SB1115', badText('is no host, with or without a port:%')],
  ['SB1116', badText('is no IP address and no range of them:%')],
  ['SB1117', pathReason],
  ['SB1118', badText('is no request method:%', mendMethod)],
  ['SB1119', because('cannot be used')],
  ['SB1120', badText('is no name of a cookie:%')],
  ['SB1121', badText('cannot be used:%', mendVault)],
  ['SB1122', because('cannot be served by one route')],
  ['SB1123', badText('is no server name:%')],
  ['SB1124', badText('is no name of an upstream:%')],
  ['SB1208', cannotSet],
  ['SB1403', stream],
  ['SB1501', literalSecret],
  ['SB1602', because('is no regular expression')],
];
