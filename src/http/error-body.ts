/** Kong's templated error bodies: which type a client gets, and the text in it. */
import { JSON_TYPE } from './response.ts';

export type ErrorType = 'json' | 'html' | 'plain' | 'xml' | 'grpc';

/** What an `Accept` element stands for; anything else counts as JSON. Matching is case-sensitive. */
const TYPE_OF: ReadonlyMap<string, ErrorType> = new Map([
  ['text/html', 'html'],
  ['text/plain', 'plain'],
  ['text/*', 'plain'],
  ['application/xml', 'xml'],
  ['application/grpc', 'grpc'],
]);

const CONTENT_TYPE = {
  json: JSON_TYPE,
  html: 'text/html; charset=utf-8',
  plain: 'text/plain; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
  grpc: '',
} as const satisfies Record<ErrorType, string>;

const DEFAULT_MESSAGES: ReadonlyMap<number, string> = new Map([
  [400, 'Bad request'],
  [401, 'Unauthorized'],
  [402, 'Payment required'],
  [403, 'Forbidden'],
  [404, 'Not found'],
  [405, 'Method not allowed'],
  [406, 'Not acceptable'],
  [407, 'Proxy authentication required'],
  [408, 'Request timeout'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [411, 'Length required'],
  [412, 'Precondition failed'],
  [413, 'Payload too large'],
  [414, 'URI too long'],
  [415, 'Unsupported media type'],
  [416, 'Range not satisfiable'],
  [417, 'Expectation failed'],
  [418, "I'm a teapot"],
  [421, 'Misdirected request'],
  [422, 'Unprocessable entity'],
  [423, 'Locked'],
  [424, 'Failed dependency'],
  [425, 'Too early'],
  [426, 'Upgrade required'],
  [428, 'Precondition required'],
  [429, 'Too many requests'],
  [431, 'Request header fields too large'],
  [451, 'Unavailable for legal reasons'],
  [494, 'Request header or cookie too large'],
  [500, 'An unexpected error occurred'],
  [501, 'Not implemented'],
  [502, 'An invalid response was received from the upstream server'],
  [503, 'The upstream server is currently unavailable'],
  [504, 'The upstream server is timing out'],
  [505, 'HTTP version not supported'],
  [506, 'Variant also negotiates'],
  [507, 'Insufficient storage'],
  [508, 'Loop detected'],
  [510, 'Not extended'],
  [511, 'Network authentication required'],
]);

/** Kong's text for a status that comes without a message of its own. */
export function defaultMessage(status: number): string {
  return DEFAULT_MESSAGES.get(status) ?? `The upstream server responded with ${status}`;
}

/** `q` of one Accept element; a missing or unreadable weight counts as 1 (RFC 9110 section 12.4.2). */
function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name, value] = parameter.split('=');
    if (name?.trim() !== 'q') continue;
    const weight = Number(value?.trim());
    return Number.isNaN(weight) ? 1 : weight;
  }
  return 1;
}

/** The body type for an `Accept` value: the highest weight wins, the first one on a tie. */
export function errorTypeFor(accept: string): ErrorType {
  let best = '';
  let bestWeight = 0;
  for (const element of accept.split(',')) {
    const [type = '', ...parameters] = element.split(';');
    const weight = parameters.length === 0 ? 1 : weightOf(parameters);
    if (weight <= bestWeight) continue;
    best = type.trim();
    bestWeight = weight;
  }
  return TYPE_OF.get(best) ?? 'json';
}

const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const HTML = (message: string, id: string): string => `<!doctype html>
<html>
  <head>
    <meta charset="utf-8">
    <title>Error</title>
  </head>
  <body>
    <h1>Error</h1>
    <p>${escapeMarkup(message)}.</p>
    <p>request_id: ${id}</p>
  </body>
</html>
`;

const XML = (message: string, id: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<error>
  <message>${escapeMarkup(message)}</message>
  <requestid>${id}</requestid>
</error>
`;

export interface RenderedError {
  readonly contentType: string;
  readonly body: string;
}

/** The body of an error answer, with the request id a user can quote to the operator. */
export function renderError(type: ErrorType, message: string, requestId: string): RenderedError {
  return { contentType: CONTENT_TYPE[type], body: bodyOf(type, message, requestId) };
}

function bodyOf(type: ErrorType, message: string, id: string): string {
  switch (type) {
    case 'json':
      return `{\n  "message":${JSON.stringify(message)},\n  "request_id":"${id}"\n}`;
    case 'plain':
      return `${message}\nrequest_id: ${id}\n`;
    case 'html':
      return HTML(message, id);
    case 'xml':
      return XML(message, id);
    case 'grpc':
      return '';
  }
}

/** gRPC status for an HTTP status (Kong's table; by class for the rest). */
export function grpcStatusFor(status: number): number {
  return GRPC_STATUS.get(status) ?? GRPC_CLASS.get(Math.floor(status / 100)) ?? 2;
}

/** The name of a gRPC status, in Kong's spelling. */
export const grpcNameFor = (status: number): string =>
  GRPC_NAMES[grpcStatusFor(status)] ?? 'Unknown';

const GRPC_NAMES = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];

const GRPC_STATUS: ReadonlyMap<number, number> = new Map([
  [200, 0],
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [409, 6],
  [429, 8],
  [499, 1],
  [500, 13],
  [501, 12],
  [503, 14],
  [504, 4],
]);

const GRPC_CLASS: ReadonlyMap<number, number> = new Map([
  [2, 0],
  [4, 3],
  [5, 13],
]);
