/** What Kong answers for a bare status: its own text, its error template, or the page of its nginx. */
import { defaultMessage, errorTypeFor, renderError } from '../../http/error-body.ts';
import { exitJson, type ExitResponse } from '../../http/response.ts';

/** An answer, given the request's Accept value and id. */
export type Answer = (accept: string | undefined, requestId: string) => ExitResponse;

const MESSAGES: ReadonlyMap<number, string> = new Map([
  [401, 'Unauthorized'],
  [404, 'Not found'],
  [405, 'Method not allowed'],
  [500, 'An unexpected error occurred'],
  [502, 'Bad Gateway'],
  [503, 'Service unavailable'],
]);

/** Statuses whose empty answers Kong replaces by its error template, plain text unless asked. */
const TEMPLATED: ReadonlySet<number> = new Set([400, 408, 411, 412, 413, 414, 417, 494, 504]);

/** Statuses whose empty answers get a small page with this title. */
const PAGES: ReadonlyMap<number, string> = new Map([
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [406, 'Not Acceptable'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [415, 'Unsupported Media Type'],
  [416, 'Requested Range Not Satisfiable'],
  [421, 'Misdirected Request'],
  [429, 'Too Many Requests'],
  [501, 'Not Implemented'],
  [505, 'HTTP Version Not Supported'],
  [507, 'Insufficient Storage'],
]);

/** The message that `message` stands for when it is not set, if the status has one. */
export const messageFor = (status: number): string | undefined => MESSAGES.get(status);

/** The answer for a status alone. */
export function defaultAnswer(status: number): Answer {
  const message = messageFor(status);
  if (message !== undefined) return always(exitJson(status, { message }));
  if (TEMPLATED.has(status)) return (accept, id) => templated(status, accept, id);
  const title = PAGES.get(status);
  if (title !== undefined) return always(page(status, title));
  return always({ kind: 'exit', status, headers: [], body: undefined });
}

export function always(response: ExitResponse): Answer {
  return () => response;
}

function templated(status: number, accept: string | undefined, id: string): ExitResponse {
  const type = accept === undefined ? 'plain' : errorTypeFor(accept);
  const { contentType, body } = renderError(type, defaultMessage(status), id);
  return { kind: 'exit', status, headers: ['Content-Type', contentType], body, isPage: true };
}

function page(status: number, title: string): ExitResponse {
  const heading = `${status} ${title}`;
  const body = [
    '<html>',
    `<head><title>${heading}</title></head>`,
    '<body>',
    `<center><h1>${heading}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
  const contentType = status < 400 ? 'text/html' : 'text/html; charset=UTF-8';
  return { kind: 'exit', status, headers: ['Content-Type', contentType], body, isPage: true };
}
