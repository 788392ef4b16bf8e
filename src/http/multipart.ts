/** Bodies of type multipart/form-data (RFC 7578), as byte ranges of the body. */

/** Offsets count bytes from the body's start; `end` ones are exclusive. */
export interface MultipartPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  /** The part with the delimiter line before it: cutting this range removes the part. */
  readonly start: number;
  readonly end: number;
  readonly contentStart: number;
  readonly contentEnd: number;
}

/** More parts than a form of people has; what follows is not seen. */
const PARTS_MAX = 100;
/** A part's own header fields. */
const PART_HEAD_BYTES_MAX = 16 * 1024;

const BOUNDARY = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i;

/** The `boundary` parameter of a Content-Type, or `undefined` (RFC 2046 section 5.1.1). */
export function multipartBoundary(contentType: string): string | undefined {
  const match = BOUNDARY.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/**
 * The named parts in order, at most 100. Parts without a name are skipped; a body that ends before
 * its closing delimiter gives the parts that are whole.
 */
export function parseMultipart(body: Buffer, boundary: string): readonly MultipartPart[] {
  const parts: MultipartPart[] = [];
  let start = delimiterAt(body, boundary, 0);
  while (start !== -1 && parts.length < PARTS_MAX) {
    const next = delimiterAt(body, boundary, start + 2);
    if (next === -1) break;
    const part = readPart(body, start, next);
    if (part !== undefined) parts.push(part);
    start = next;
  }
  return parts;
}

/** The content of a part as text. */
export function partText(body: Buffer, part: MultipartPart): string {
  return body.toString('utf8', part.contentStart, part.contentEnd);
}

/** The body without every part called `name`; `undefined` when there is none. */
export function withoutPart(body: Buffer, boundary: string, name: string): Buffer | undefined {
  const parts = parseMultipart(body, boundary).filter((part) => part.name === name);
  if (parts.length === 0) return undefined;
  const kept: Buffer[] = [];
  let from = 0;
  for (const { start, end } of parts) {
    kept.push(body.subarray(from, start));
    from = end;
  }
  return Buffer.concat([...kept, body.subarray(from)]);
}

/** Where the next delimiter begins: at the body's start or after a line end. */
function delimiterAt(body: Buffer, boundary: string, from: number): number {
  const delimiter = `--${boundary}`;
  let found = body.indexOf(delimiter, from, 'latin1');
  while (found > 0 && body[found - 1] !== 0x0a) {
    found = body.indexOf(delimiter, found + 1, 'latin1');
  }
  return found;
}

function readPart(body: Buffer, start: number, end: number): MultipartPart | undefined {
  const headStart = body.indexOf('\r\n', start, 'latin1');
  if (headStart === -1 || headStart >= end) return undefined;
  const headEnd = body.indexOf('\r\n\r\n', headStart, 'latin1');
  if (headEnd === -1 || headEnd >= end || headEnd - headStart > PART_HEAD_BYTES_MAX) {
    return undefined;
  }
  const head = body.toString('utf8', headStart, headEnd);
  const disposition = fieldOf(head, 'content-disposition') ?? '';
  const name = parameterOf(disposition, 'name');
  if (name === undefined) return undefined;
  return {
    name,
    filename: parameterOf(disposition, 'filename'),
    contentType: fieldOf(head, 'content-type'),
    start,
    end,
    contentStart: headEnd + 4,
    contentEnd: Math.max(headEnd + 4, end - 2),
  };
}

function fieldOf(head: string, lowerName: string): string | undefined {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon !== -1 && line.slice(0, colon).trim().toLowerCase() === lowerName) {
      return line.slice(colon + 1).trim();
    }
  }
  return undefined;
}

function parameterOf(value: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(value);
  return match?.[1] ?? match?.[2];
}
