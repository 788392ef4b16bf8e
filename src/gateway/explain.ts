/**
 * What one request would meet: it runs through the gateway as any other, up to where the upstream
 * would be asked. Nothing is sent anywhere, and no log phase runs.
 */
import { EventEmitter, once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { exitJson } from '../http/response.ts';
import type { HeaderList } from '../http/headers.ts';
import type { Consumer, Route, Service } from '../config/types.ts';
import type { ClientExchange } from './client.ts';
import type { Gateway } from './gateway.ts';
import { handleRequest } from './handle.ts';

export interface ExplainedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly scheme: 'http' | 'https';
  /** Alternating names and values, Host included. */
  readonly headers: readonly string[];
}

export interface Explanation {
  readonly route: Route | undefined;
  readonly service: Service | undefined;
  readonly consumer: Consumer | undefined;
  /** The answer made here; `undefined` when the upstream would have been asked. */
  readonly answer:
    { readonly status: number; readonly headers: HeaderList; readonly body: string } | undefined;
  /** What the upstream would have got. */
  readonly upstreamHeaders: HeaderList;
}

/** Stands for the upstream: who gets this answer was accepted. */
const ACCEPTED = exitJson(200, { accepted: true });

export async function explainRequest(
  gateway: Gateway,
  request: ExplainedRequest,
): Promise<Explanation> {
  const { router } = gateway;
  const stopped: Gateway = {
    ...gateway,
    router: {
      size: router.size,
      match(question) {
        const match = router.match(question);
        return match && { ...match, target: { ...match.target, upstream: ACCEPTED } };
      },
    },
  };
  const { client, answered } = recordingClient(request);
  const { ctx } = handleRequest(stopped, client);
  const answer = await answered;
  const isAccepted = answer.body === ACCEPTED.body;
  return {
    route: ctx.route,
    service: ctx.service,
    consumer: ctx.consumer,
    answer: isAccepted ? undefined : answer,
    upstreamHeaders: ctx.headers,
  };
}

type Recorded = NonNullable<Explanation['answer']>;

/** A client that takes the answer down. */
function recordingClient({ method, target, scheme, headers }: ExplainedRequest): {
  readonly client: ClientExchange;
  readonly answered: Promise<Recorded>;
} {
  let status = 0;
  let head: HeaderList = [];
  const chunks: Uint8Array[] = [];
  const ended = new EventEmitter();
  const answered = once(ended, 'end').then(() => ({
    status,
    headers: head,
    body: Buffer.concat(chunks).toString('utf8'),
  }));
  const finish = (): void => void ended.emit('end');
  const port = scheme === 'https' ? 443 : 80;
  const client: ClientExchange = {
    connection: {
      address: '127.0.0.1',
      trusted: false,
      scheme,
      port,
      publicPort: port,
      remotePort: 0,
      serverName: undefined,
      tls: undefined,
    },
    request: new IncomingMessage(new Socket()),
    method,
    httpVersion: '1.1',
    target,
    headers: [...headers],
    upgrade: undefined,
    releaseSocket: () => undefined,
    continueRequest() {},
    countSent() {},
    sentBytes() {},
    writeHead(code, list) {
      status = code;
      head = list;
    },
    writeWhole(code, list) {
      status = code;
      head = list;
      finish();
    },
    write(chunk) {
      chunks.push(chunk);
      return true;
    },
    pendingBytes: () => 0,
    onceDrained() {},
    end(body) {
      if (body !== undefined) chunks.push(Buffer.from(body));
      finish();
    },
    destroy: finish,
    onceClosed() {},
  };
  return { client, answered };
}
