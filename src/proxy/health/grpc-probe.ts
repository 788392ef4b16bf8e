/** A probe by gRPC's own health protocol: `grpc.health.v1.Health/Check` for the server as a whole. */
import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { HeaderList } from '../../http/headers.ts';
import { toHttp2Fields } from '../../http/http2-fields.ts';
import { NO_STATUS, type Finding } from './checks.ts';

export interface GrpcQuestion {
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  /** Metadata. */
  readonly headers: Readonly<HeaderList>;
  readonly timeoutMs: number;
}

/** A length-prefixed message without fields: the whole server is asked for. */
const EMPTY_MESSAGE = Buffer.from([0, 0, 0, 0, 0]);
/** The answer's message with its one field, `status`, at SERVING (1). */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 1]);
/** No answer of this protocol is longer. */
const ANSWER_BYTES_MAX = 64;

/** Over a connection that is then closed. Never rejects; anything but SERVING is a failed answer. */
export function askGrpcHealth(socket: Socket, question: GrpcQuestion): Promise<Finding> {
  const { authority, scheme, headers, timeoutMs } = question;
  return new Promise((resolve) => {
    const session = connect(`http://${authority}`, { createConnection: () => socket });
    const finish = (finding: Finding): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(finding);
    };
    const timer = setTimeout(() => finish({ kind: 'timeout' }), timeoutMs);
    session.on('error', () => finish({ kind: 'tcp' }));
    session.on('close', () => finish({ kind: 'tcp' }));
    const stream = session.request({
      ...toHttp2Fields(headers),
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      [constants.HTTP2_HEADER_SCHEME]: scheme,
      [constants.HTTP2_HEADER_AUTHORITY]: authority,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let answer: Buffer = Buffer.alloc(0);
    let status: unknown;
    const read = (fields: IncomingHttpHeaders): void => {
      status = fields['grpc-status'] ?? status;
    };
    stream.on('response', read).on('trailers', read);
    stream.on('data', (chunk: Buffer) => {
      if (answer.length < ANSWER_BYTES_MAX) answer = Buffer.concat([answer, chunk]);
    });
    stream.on('error', () => finish({ kind: 'tcp' }));
    stream.on('end', () => {
      const isServing = status === '0' && answer.equals(SERVING);
      finish(isServing ? { kind: 'success' } : { kind: 'status', status: NO_STATUS });
    });
    stream.end(EMPTY_MESSAGE);
  });
}
