/** The rules about multipart forms: whole parts go and come, the rest stays byte for byte. */
import { multipartBoundary, parseMultipart, type MultipartPart } from '../../http/multipart.ts';
import type { Environment } from './environment.ts';
import type { Rules } from './rules.ts';

interface NewPart {
  readonly name: string;
  readonly content: Buffer;
  /** The part it comes from, whose file name and type it keeps. */
  readonly from?: MultipartPart;
}

/** Kong renames before it removes, and does not append here. `undefined` for what is no multipart form. */
export function transformMultipart(
  body: Buffer,
  contentType: string,
  rules: Rules,
  env: Environment | undefined,
): Buffer | undefined {
  const boundary = multipartBoundary(contentType);
  if (boundary === undefined) return undefined;
  const end = body.lastIndexOf(`--${boundary}--`, undefined, 'latin1');
  if (end === -1 && body.length > 0) return undefined;
  const form = new MultipartForm(body, boundary, end);
  for (const { name, newName } of rules.rename) form.rename(name, newName.render(env));
  for (const name of rules.remove) form.delete(name);
  for (const { name, value } of rules.replace) {
    if (form.has(name)) form.set(name, Buffer.from(value.render(env)));
  }
  for (const { name, value } of rules.add) {
    if (!form.has(name)) form.set(name, Buffer.from(value.render(env)));
  }
  return form.toBuffer();
}

class MultipartForm {
  readonly #body: Buffer;
  readonly #boundary: string;
  /** Where the closing delimiter stands; -1 in an empty body. */
  readonly #end: number;
  #parts: readonly MultipartPart[];
  readonly #removed: MultipartPart[] = [];
  #added: NewPart[] = [];

  constructor(body: Buffer, boundary: string, end: number) {
    this.#body = body;
    this.#boundary = boundary;
    this.#end = end;
    this.#parts = parseMultipart(body, boundary);
  }

  has(name: string): boolean {
    return [...this.#parts, ...this.#added].some((part) => part.name === name);
  }

  delete(name: string): void {
    this.#removed.push(...this.#parts.filter((part) => part.name === name));
    this.#parts = this.#parts.filter((part) => part.name !== name);
    this.#added = this.#added.filter((part) => part.name !== name);
  }

  set(name: string, content: Buffer): void {
    this.delete(name);
    this.#added.push({ name, content });
  }

  rename(name: string, newName: string): void {
    const part = this.#parts.findLast((candidate) => candidate.name === name);
    if (part === undefined || name === newName) return;
    this.delete(name);
    this.delete(newName);
    const content = this.#body.subarray(part.contentStart, part.contentEnd);
    this.#added.push({ name: newName, content, from: part });
  }

  toBuffer(): Buffer {
    const pieces: Buffer[] = [];
    let from = 0;
    for (const { start, end } of this.#removed.toSorted((a, b) => a.start - b.start)) {
      pieces.push(this.#body.subarray(from, start));
      from = end;
    }
    if (this.#end !== -1) pieces.push(this.#body.subarray(from, this.#end));
    const added = this.#added.flatMap((part) => [this.#headOf(part), part.content, LINE_END]);
    const rest =
      this.#end === -1 ? Buffer.from(`--${this.#boundary}--\r\n`) : this.#body.subarray(this.#end);
    return Buffer.concat([...pieces, ...added, rest]);
  }

  #headOf({ name, from }: NewPart): Buffer {
    const file = from?.filename === undefined ? '' : `; filename="${from.filename}"`;
    const type = from?.contentType === undefined ? '' : `Content-Type: ${from.contentType}\r\n`;
    const disposition = `Content-Disposition: form-data; name="${quoted(name)}"${file}`;
    return Buffer.from(`--${this.#boundary}\r\n${disposition}\r\n${type}\r\n`);
  }
}

const LINE_END = Buffer.from('\r\n');

/** A quote or a line break would end the name (HTML, "multipart form data"). */
const quoted = (name: string): string =>
  name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
