/** One probe of an address: connect, and ask as Kong's health checker does. */
import type { Socket } from 'node:net';
import type { Upstream } from '../../config/types.ts';
import { connectUpstream } from '../connect.ts';
import type { Peer, UpstreamTls } from '../types.ts';
import { NO_STATUS, type ActiveChecks, type Finding } from './checks.ts';

/** What the probes of one upstream have in common. */
export interface ProbePlan {
  readonly type: ActiveChecks['type'];
  /** For the connection, and again for the answer. */
  readonly timeoutMs: number;
  /** Of an HTTP probe, without Host. */
  readonly head: string;
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
  const lines = Object.entries(active.headers ?? {}).flatMap(([name, values]) =>
    values.map((value) => `${name}: ${value.replaceAll(/[\r\n]+/g, ' ')}\r\n`),
  );
  return {
    type: active.type,
    timeoutMs: active.timeout > 0 ? active.timeout * 1000 : NO_TIMEOUT_MS,
    head: `GET ${active.http_path} HTTP/1.0\r\n${lines.join('')}`,
    hostHeader: upstream.host_header ?? undefined,
    tls,
    serverName: active.https_sni ?? undefined,
  };
}

/** Never rejects: what goes wrong is a finding. */
export function probe(plan: ProbePlan, peer: Peer, host: string): Promise<Finding> {
  const name = plan.hostHeader ?? host;
  return new Promise((resolve) => {
    const connection = {
      peer,
      tls: plan.tls,
      serverName: plan.serverName ?? name,
      timeoutMs: plan.timeoutMs,
      allowHalfOpen: false,
    };
    connectUpstream(connection, (error, socket) => {
      if (error !== null) {
        resolve({ kind: error.code === 'ERR_UPSTREAM_TIMEOUT' ? 'timeout' : 'tcp' });
      } else if (plan.type === 'tcp') {
        socket.destroy();
        resolve({ kind: 'success' });
      } else ask(socket, { request: requestOf(plan, name), timeoutMs: plan.timeoutMs, resolve });
    });
  });
}

function requestOf({ head }: ProbePlan, name: string): string {
  return /^host:/im.test(head) ? `${head}\r\n` : `${head}Host: ${name}\r\n\r\n`;
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
