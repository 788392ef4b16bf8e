/** Multipart bodies as name and value pairs (RFC 7578); a file's content is its value. */
import { Buffer } from 'node:buffer';
import type { FormPairs, FormValue } from './form.ts';

const BOUNDARY = /;\s*boundary=(?:"(?<quoted>[^"]+)"|(?<plain>[^\s;]+))/i;
const DISPOSITION =
  /^content-disposition:[^\r\n]*[;\s]name=(?:"(?<quoted>[^"]*)"|(?<plain>[^\s;]+))/im;
const JSON_PART = /^content-type:\s*application\/json/im;

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

function partValue(head: string, content: string): FormValue {
  const text = utf8(content);
  if (!JSON_PART.test(head)) return text;
  try {
    return { json: JSON.parse(text) };
  } catch {
    return text;
  }
}

/** One part: its head, an empty line, its content without the line end before the boundary. */
function readPart(part: string): readonly [string, FormValue] | undefined {
  const blank = part.indexOf('\r\n\r\n');
  if (blank === -1) return undefined;
  const head = part.slice(0, blank);
  const groups = DISPOSITION.exec(head)?.groups;
  const name = groups?.['quoted'] ?? groups?.['plain'];
  if (name === undefined) return undefined;
  const content = part.slice(blank + 4);
  return [utf8(name), partValue(head, content.endsWith('\r\n') ? content.slice(0, -2) : content)];
}

/** The named parts in order. What is outside of parts, or has no name, is left out. */
export function multipartPairs(body: Buffer, contentType: string): FormPairs {
  const groups = BOUNDARY.exec(contentType)?.groups;
  const boundary = groups?.['quoted'] ?? groups?.['plain'];
  if (boundary === undefined) return [];
  const sections = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`).slice(1);
  const end = sections.findIndex((section) => section.startsWith('--'));
  return sections
    .slice(0, end === -1 ? undefined : end)
    .map((section) => readPart(section.replace(/^[ \t]*\r\n/, '')))
    .filter((pair) => pair !== undefined);
}
