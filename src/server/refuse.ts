/** Answers to what Node's parser refuses: there is no request then, only a socket. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { defaultMessage, errorTypeFor, renderError } from '../http/error-body.ts';
import {
  HEADER_TOO_LARGE,
  UNKNOWN_TRANSFER_CODING,
  URI_TOO_LONG,
  type Refusal,
} from '../http/intake.ts';
import type { Settings } from '../settings/types.ts';
import { SERVER_TOKEN } from '../version.ts';

type RefuseSettings = Pick<Settings, 'errorDefaultType' | 'headers'>;

/** The answer for a parser error, or `undefined` when there is nobody to answer. */
function judge(
  error: NodeJS.ErrnoException & { readonly rawPacket?: Buffer; readonly reason?: string },
): Refusal | undefined {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
    // The client ended within its request.
    case 'HPE_INVALID_EOF_STATE':
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return undefined;
    case 'HPE_HEADER_OVERFLOW':
      // Without a line end in what was read last, the request line itself is too long.
      return error.rawPacket?.includes('\r\n') === true ? HEADER_TOO_LARGE : URI_TOO_LONG;
    case 'HPE_INVALID_VERSION':
      return { status: 505, message: defaultMessage(505) };
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return error.reason?.startsWith('Request has invalid') === true
        ? UNKNOWN_TRANSFER_CODING
        : { status: 400, message: defaultMessage(400) };
    default:
      return { status: 400, message: defaultMessage(400) };
  }
}

/** Writes the answer and closes. No other answer may be under way on the connection. */
export function refuse(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  options: {
    readonly settings: RefuseSettings;
    readonly requestId: string;
  },
): void {
  const refusal = judge(error);
  if (refusal === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  endWith(socket, renderRefusal(refusal, options.settings, options.requestId));
}

/** How long a refused client may take to read its answer and to close. */
const LINGER_MS = 5000;

/**
 * Sends the last bytes of a connection. What the client still sends is dropped for a while: closing
 * at once would reset the connection and with it the answer (nginx: lingering_close).
 */
export function endWith(socket: Duplex, text: string): void {
  // What the socket says while it goes is of no interest; unheard, it would end the process.
  socket.on('error', () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once('close', () => {
    clearTimeout(timer);
  });
  socket.end(text);
  socket.resume();
}

/** The whole answer as text. */
export function renderRefusal(
  refusal: Refusal,
  settings: RefuseSettings,
  requestId: string,
): string {
  const { status, message } = refusal;
  const { contentType, body } =
    status === 501
      ? { contentType: 'text/html; charset=UTF-8', body: message }
      : renderError(errorTypeFor(settings.errorDefaultType), message, requestId);
  const { headers: tokens } = settings;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    `Date: ${new Date().toUTCString()}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...(tokens.responseLatency ? ['X-Kong-Response-Latency: 0'] : []),
    ...(tokens.server ? [`Server: ${SERVER_TOKEN}`] : []),
    ...(tokens.requestId ? [`X-Kong-Request-Id: ${requestId}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
