/** Workflow commands as the runner of GitHub Actions reads them from a step's output. */

export interface Annotation {
  readonly command: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly message: string;
}

/** Of lines that hold a command; anything else is output. */
export const parseAnnotations = (output: string): Annotation[] =>
  output.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);

/** `::name key=value,key=value::message`: properties end at the next two colons, values at a comma. */
function parseLine(line: string): Annotation | undefined {
  const text = line.trimStart();
  const end = text.indexOf('::', 2);
  if (!text.startsWith('::') || end === -1) return undefined;
  const head = text.slice(2, end);
  const space = head.indexOf(' ');
  const pairs =
    space === -1
      ? []
      : head
          .slice(space + 1)
          .trim()
          .split(',');
  const properties = pairs.flatMap((pair): [string, string][] => {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    return name === '' || value === '' ? [] : [[name, unescape(value, PROPERTY)]];
  });
  return {
    command: space === -1 ? head : head.slice(0, space),
    properties: new Map(properties),
    message: unescape(text.slice(end + 2), DATA),
  };
}

type Escapes = readonly (readonly [escaped: string, char: string])[];

/** In the runner's order: the percent sign last. */
const DATA: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
];
const PROPERTY: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%'],
];

const unescape = (value: string, escapes: Escapes): string =>
  escapes.reduce((text, [escaped, char]) => text.replaceAll(escaped, char), value);
