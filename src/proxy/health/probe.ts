/** One probe of an address: connect, and ask as Kong's health checker does. */
import type { Socket } from 'node:net';
import type { Upstream } from '../../config/types.ts';
import { headerValue, type HeaderList } from '../../http/headers.ts';
import { connectUpstream, type ConnectTarget } from '../connect.ts';
import type { Peer, UpstreamTls } from '../types.ts';
import { askGrpcHealth } from './grpc-probe.ts';
import { NO_STATUS, type ActiveChecks, type Finding } from './checks.ts';

/** What the probes of one upstream have in common. */
export interface ProbePlan {
  readonly type: ActiveChecks['type'];
  /** For the connection, and again for the answer. */
  readonly timeoutMs: number;
  readonly path: string;
  readonly headers: Readonly<HeaderList>;
  /** Upstream's `host_header`; absent: the target's host. */
  readonly hostHeader: string | undefined;
  /** For type `https`. */
  readonly tls: UpstreamTls | undefined;
  readonly serverName: string | undefined;
}

/** An answer's first line is shorter than this, or it is none. */
const STATUS_LINE_BYTES_MAX = 8192;
/** Kong's sockets wait so long when they are told 0. */
const NO_TIMEOUT_MS = 60_000;
const STATUS_LINE = /^HTTP\/\d+\.\d+\s+(\d+)/;

export function planProbes(upstream: Upstream, tls: UpstreamTls | undefined): ProbePlan {
  const { active } = upstream.healthchecks;
  const headers = Object.entries(active.headers ?? {}).flatMap(([name, values]) =>
    values.flatMap((value) => [name, value.replaceAll(/[\r\n]+/g, ' ')]),
  );
  return {
    type: active.type,
    timeoutMs: active.timeout > 0 ? active.timeout * 1000 : NO_TIMEOUT_MS,
    path: active.http_path,
    headers,
    hostHeader: upstream.host_header ?? undefined,
    tls,
    serverName: active.https_sni ?? undefined,
  };
}

/** Never rejects: what goes wrong is a finding. */
export function probe(plan: ProbePlan, peer: Peer, host: string): Promise<Finding> {
  const name = plan.hostHeader ?? host;
  const { tls, timeoutMs } = plan;
  const isGrpc = plan.type === 'grpc' || plan.type === 'grpcs';
  const connection: ConnectTarget = {
    peer,
    tls,
    serverName: plan.serverName ?? name,
    timeoutMs,
    allowHalfOpen: false,
    ...(isGrpc ? { protocol: 'h2' } : {}),
  };
  return new Promise((resolve) => {
    connectUpstream(connection, (error, socket) => {
      if (error !== null) {
        resolve({ kind: error.code === 'ERR_UPSTREAM_TIMEOUT' ? 'timeout' : 'tcp' });
      } else if (plan.type === 'tcp') {
        socket.destroy();
        resolve({ kind: 'success' });
      } else if (isGrpc) {
        const scheme = tls === undefined ? 'http' : 'https';
        const { headers } = plan;
        resolve(askGrpcHealth(socket, { authority: name, scheme, headers, timeoutMs }));
      } else ask(socket, { request: requestOf(plan, name), timeoutMs, resolve });
    });
  });
}

function requestOf({ path, headers }: ProbePlan, name: string): string {
  const own = headerValue(headers, 'host') === undefined ? [...headers, 'Host', name] : headers;
  let text = `GET ${path} HTTP/1.0\r\n`;
  for (let i = 0; i < own.length; i += 2) text += `${own[i]}: ${own[i + 1]}\r\n`;
  return `${text}\r\n`;
}

interface Question {
  readonly request: string;
  readonly timeoutMs: number;
  readonly resolve: (finding: Finding) => void;
}

/** Sends the request and reads the first line of the answer; `NO_STATUS` for any other line. */
function ask(socket: Socket, { request, timeoutMs, resolve }: Question): void {
  let text = '';
  const finish = (finding: Finding): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve(finding);
  };
  const timer = setTimeout(() => finish({ kind: 'timeout' }), timeoutMs);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (!text.includes('\n') && text.length < STATUS_LINE_BYTES_MAX) return;
    finish({ kind: 'status', status: Number(STATUS_LINE.exec(text)?.[1] ?? NO_STATUS) });
  });
  socket.on('error', () => finish({ kind: 'tcp' }));
  socket.on('close', () => finish({ kind: 'tcp' }));
  socket.write(request, 'latin1');
}
