/** Answers the gateway makes itself, in Kong's two families of bodies. */
import type { HeaderList } from './headers.ts';

/**
 * A complete answer. `exit` bodies are sent exactly as given; an `error` is rendered by
 * `renderError` in the type the client accepts, with the request id.
 */
export type GatewayResponse = ExitResponse | ErrorResponse;

export interface ExitResponse {
  readonly kind: 'exit';
  readonly status: number;
  readonly headers: Readonly<HeaderList>;
  /** `undefined` sends no body at all. */
  readonly body: string | Uint8Array | undefined;
  /** An upstream's answer, given again: it gets the fields of a proxied one. */
  readonly isReplay?: boolean;
  /** The body is only the usual page of the status, which says nothing to a client of gRPC. */
  readonly isPage?: boolean;
}

export interface ErrorResponse {
  readonly kind: 'error';
  readonly status: number;
  /** Absent: Kong's default text for the status. */
  readonly message: string | undefined;
  readonly headers: Readonly<HeaderList>;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Kong's "exit" family: compact JSON, the same whatever the client accepts. */
export function exitJson(
  status: number,
  body: unknown,
  headers: Readonly<HeaderList> = [],
): ExitResponse {
  return {
    kind: 'exit',
    status,
    headers: ['Content-Type', JSON_TYPE, ...headers],
    body: JSON.stringify(body),
  };
}

/** Kong's "error" family: a templated body in the type the client accepts. */
export function errorResponse(
  status: number,
  message?: string,
  headers: Readonly<HeaderList> = [],
): ErrorResponse {
  return { kind: 'error', status, message, headers };
}
