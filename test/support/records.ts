/** Records that log plugins sent to a collector. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { until } from '../../src/gateway/log-run.test.fixture.ts';
import type { RecordingOrigin } from './origin.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Kong's log record, as far as tests look at it. */
export interface LogRecord {
  readonly request: {
    readonly id: string;
    readonly uri: string;
    readonly url: string;
    readonly querystring: Fields;
    readonly method: string;
    readonly headers: Fields;
    readonly size: number;
  };
  readonly upstream_uri: string;
  readonly upstream_status: string;
  readonly response: { readonly status: number; readonly headers: Fields; readonly size: number };
  readonly latencies: Readonly<Record<'kong' | 'proxy' | 'request' | 'receive', number>>;
  readonly tries: readonly {
    readonly ip: string;
    readonly port: number;
    readonly balancer_start: number;
    readonly balancer_latency_ns: number;
    readonly state?: string;
    readonly code?: number;
  }[];
  readonly authenticated_entity?: { readonly id: string; readonly consumer_id: string };
  readonly route?: Fields;
  readonly service?: Fields;
  readonly consumer?: Fields;
  readonly client_ip: string;
  readonly correlation_id?: string;
  readonly started_at: number;
  readonly source: string;
  readonly workspace: string;
  readonly workspace_name: string;
}

/** Waits for that many. */
export async function recordsOf(
  collector: RecordingOrigin,
  count: number,
): Promise<readonly LogRecord[]> {
  await until(() => (collector.seen.length >= count ? true : undefined));
  return collector.seen.map(({ body }): LogRecord => JSON.parse(body));
}

/** A port of this machine that nobody listens on. */
export async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 1;
}
