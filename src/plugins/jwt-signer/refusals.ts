/** Why a request is refused, and the answers for it: status and challenge (RFC 6750 section 3). */
import { bytesOfText } from '../../http/bytes.ts';
import { errorResponse, type ErrorResponse } from '../../http/response.ts';

/** A reason, made once and shared; its text repeats nothing of a token. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: 401 | 403 | 500;
  /** `error` of the challenge; `undefined` when there was no token to speak of. */
  readonly error: string | undefined;
  readonly reason: string;
}

/** No token where one is demanded. */
export const NO_TOKEN: Refusal = {
  kind: 'refused',
  status: 401,
  error: undefined,
  reason: 'the request has no token',
};

/** A token that is not good. */
export const badToken = (reason: string): Refusal => ({
  kind: 'refused',
  status: 401,
  error: 'invalid_token',
  reason,
});

/** A token that may be good, which nobody can tell now: a client should keep it and try again. */
export const unverifiable = (reason: string): Refusal => ({
  kind: 'refused',
  status: 401,
  error: 'temporarily_unavailable',
  reason,
});

/** A good token that is not enough. */
export const forbidden = (reason: string): Refusal => ({
  kind: 'refused',
  status: 403,
  error: 'insufficient_scope',
  reason,
});

/** Nothing the client could change. The reason is for the log and for `token explain` only. */
export const failure = (reason: string): Refusal => ({
  kind: 'refused',
  status: 500,
  error: 'server_error',
  reason,
});

const CLIENT_TEXT_OF_500 = 'an unexpected error occurred';

/** Kong's body for the status, with the challenge that goes with every refusal. */
export function refuse(refusal: Refusal, realm: string): ErrorResponse {
  const { status, error, reason } = refusal;
  const description = status === 500 ? CLIENT_TEXT_OF_500 : reason;
  const details =
    error === undefined ? '' : `, error="${error}", error_description="${description}"`;
  const challenge = `Bearer realm="${quotable(realm)}"${details}`;
  return errorResponse(status, undefined, ['WWW-Authenticate', challenge]);
}

/** The content of a quoted-string (RFC 9110 section 5.6.4). */
const quotable = (text: string): string => bytesOfText(text).replace(/["\\]/g, String.raw`\$&`);

/** The host a client asked for, without its port. */
export const hostOf = (authority: string): string => authority.replace(/:\d*$/, '');
