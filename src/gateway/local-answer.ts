/** Answers made here, rendered for one client: Kong's two families, nginx' own errors, gRPC. */
import {
  defaultMessage,
  errorTypeFor,
  grpcNameFor,
  grpcStatusFor,
  renderError,
} from '../http/error-body.ts';
import { headerValue, removeHeader, type HeaderList } from '../http/headers.ts';
import { exitJson, type GatewayResponse } from '../http/response.ts';
import type { RequestContext } from '../plugin.ts';

/** Ready to send; the list is the caller's to extend. */
export interface LocalAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: string | Uint8Array | undefined;
  readonly source: 'exit' | 'error';
  /** Goes out with the fields of a proxied answer. */
  readonly isReplay?: boolean;
}

type Requester = Pick<RequestContext, 'id' | 'headers' | 'httpVersion'>;

/** An answer of the gateway or of a plugin; an `error` in the type that the client accepts. */
export function renderResponse(response: GatewayResponse, requester: Requester): LocalAnswer {
  if (speaksGrpc(requester)) return renderGrpc(response);
  if (response.kind === 'exit') {
    return {
      status: response.status,
      headers: [...response.headers],
      body: response.body,
      source: 'exit',
      isReplay: response.isReplay === true,
    };
  }
  const { status, message = defaultMessage(status), headers } = response;
  const accept = headerValue(requester.headers, 'accept');
  const type = accept === undefined ? 'json' : errorTypeFor(accept);
  const { contentType, body } = renderError(type, message, requester.id);
  return { status, headers: ['Content-Type', contentType, ...headers], body, source: 'error' };
}

export interface EngineError {
  readonly status: number;
  readonly message: string;
  /** `error_default_type`. */
  readonly errorDefaultType: string;
  /** False when the request's head itself was refused: then it does not choose the type. */
  readonly trustHead: boolean;
}

/**
 * An error that nginx itself would answer: the type comes from Accept, else from the request's own
 * type, else from `error_default_type`.
 */
export function renderEngineError(requester: Requester, error: EngineError): LocalAnswer {
  const { status, message, errorDefaultType, trustHead } = error;
  if (trustHead && speaksGrpc(requester)) return grpcAnswer({ status, message, source: 'error' });
  // What follows a head that was refused cannot be told to be another request.
  const framing = trustHead ? [] : ['Connection', 'close'];
  if (status === 501) {
    const headers = ['Content-Type', 'text/html; charset=UTF-8', ...framing];
    return { status, headers, body: message, source: 'error' };
  }
  const hint = trustHead
    ? (headerValue(requester.headers, 'accept') ?? headerValue(requester.headers, 'content-type'))
    : undefined;
  const type = errorTypeFor(hint ?? errorDefaultType);
  // A type that only a client of HTTP/2 can read: Kong sends its other family then.
  if (type === 'grpc') {
    const { headers, body } = exitJson(status, { message });
    return { status, headers: [...headers], body, source: 'error' };
  }
  const { contentType, body } = renderError(type, message, requester.id);
  return { status, headers: ['Content-Type', contentType, ...framing], body, source: 'error' };
}

export const speaksGrpc = ({
  httpVersion,
  headers,
}: Pick<Requester, 'httpVersion' | 'headers'>): boolean =>
  httpVersion === '2' &&
  headerValue(headers, 'content-type')?.startsWith('application/grpc') === true;

/** Kong: the message or the text of a plugin's answer, or the status' own name. */
function renderGrpc(response: GatewayResponse): LocalAnswer {
  const { status, headers, kind: source } = response;
  const isTold = response.kind === 'exit' && response.isPage !== true;
  const told = isTold ? messageOf(response.body) : undefined;
  return grpcAnswer({ status, message: told ?? grpcNameFor(status), source, headers });
}

interface GrpcAnswer {
  readonly status: number;
  readonly message: string;
  readonly source: LocalAnswer['source'];
  /** Those of the answer that it stands for. */
  readonly headers?: Readonly<HeaderList>;
}

/** A gRPC client reads its status from header fields; the body stays empty. */
function grpcAnswer({ status, message, source, headers = [] }: GrpcAnswer): LocalAnswer {
  const kept = [...headers];
  removeHeader(kept, 'content-type');
  const hasStatus = headerValue(kept, 'grpc-status') !== undefined;
  const own = hasStatus ? [] : grpcFields(status, message);
  const fields = ['Content-Type', 'application/grpc', ...own, ...kept];
  return { status, headers: fields, body: '', source };
}

/** `grpc-status` and `grpc-message` for an HTTP status. */
export function grpcFields(status: number, message: string): HeaderList {
  return [
    'grpc-status',
    String(grpcStatusFor(status)),
    'grpc-message',
    // Percent-encoded, but spaces may stand (gRPC over HTTP/2, Status-Message).
    encodeURIComponent(wellFormed(message)).replaceAll('%20', ' '),
  ];
}

/** Half of a surrogate pair, which JSON can say, has no UTF-8: U+FFFD takes its place. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

/** The text in Kong's `{"message": …}` bodies, or a body that is only text; else undefined. */
function messageOf(body: string | Uint8Array | undefined): string | undefined {
  if (typeof body !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return body;
    return 'message' in parsed && typeof parsed.message === 'string' ? parsed.message : undefined;
  } catch {
    return body;
  }
}
