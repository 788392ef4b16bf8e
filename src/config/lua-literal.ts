/** Nested error texts in the notation of Lua's tables, as they stand in Kong's messages. */

type Node = string | Table;
type Table = ReadonlyMap<string | number, Node>;

const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** `{services={[2]={port="expected an integer"}}}`: list elements first, then members by name. */
export function luaLiteral(node: Node): string {
  if (typeof node === 'string') return quote(node);
  const elements = [...node].flatMap(([key, member]) => {
    const index = indexOf(key);
    return index === undefined ? [] : [{ index, text: luaLiteral(member) }];
  });
  let expected = 1;
  const list = elements
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, text }) => {
      if (index !== expected) return `[${index}]=${text}`;
      expected++;
      return text;
    });
  const members = [...node]
    .flatMap(([key, member]) =>
      indexOf(key) === undefined ? [{ name: String(key), text: luaLiteral(member) }] : [],
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, text }) => `${IDENTIFIER.test(name) ? name : `[${quote(name)}]`}=${text}`);
  return `{${[...list, ...members].join(',')}}`;
}

/** The 1-based position that a key stands for; a list that is read as a record has names of digits. */
function indexOf(key: string | number): number | undefined {
  if (typeof key === 'number') return key + 1;
  return /^[1-9]\d{0,8}$/.test(key) ? Number(key) : undefined;
}

/** Texts of several lines stand in long brackets, those with double quotes alone in single ones. */
function quote(text: string): string {
  if (text.includes('\n') && !text.includes(']]')) return `[[${text}]]`;
  const mark = text.includes('"') && !text.includes("'") ? "'" : '"';
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll(mark, `\\${mark}`);
  return `${mark}${escaped}${mark}`;
}
