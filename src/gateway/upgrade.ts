/** WebSocket upgrades: the same route, plugins and headers as any request, then a tunnel. */
import { ProxyError, type ProxyErrorCode } from '../errors.ts';
import type { Try } from '../plugin.ts';
import type { UpstreamTarget } from '../proxy/call.ts';
import { requestUpgrade, type UpgradeAnswer } from '../proxy/tunnel.ts';
import type { Peer, PeerUsage } from '../proxy/types.ts';
import { HOST_VALUE, hostName, upstreamHost } from '../proxy/upstream-head.ts';
import type { Exchange } from './exchange.ts';
import { headersFor, pathFor, preservedHost } from './forward.ts';
import { hashKeyFor } from './hash-key.ts';

/** An upgrade in flight, to be aborted when the client goes. */
export class UpgradeCall {
  readonly speaks = '1.1';
  readonly tries: Try[] = [];
  balancedAt = 0;
  readonly #controller = new AbortController();
  #usage: PeerUsage | undefined = undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort();
    this.endTry();
  }

  /** Its peer's use lasts until the next try, or until the tunnel or the refusal is over. */
  beginTry(peer: Peer): void {
    this.endTry();
    this.balancedAt = performance.now();
    this.#usage = peer.usage;
    peer.usage?.begin();
  }

  answered(status: number): void {
    this.#usage?.answer(status);
  }

  failed(code: ProxyErrorCode, isLast: boolean): void {
    this.#usage?.fail(code, isLast);
  }

  endTry(): void {
    const usage = this.#usage;
    this.#usage = undefined;
    usage?.end(undefined);
  }
}

/** Asks the upstream and, when it agrees, joins both connections. Rejects as `requestUpgrade` does. */
export async function forwardUpgrade(exchange: Exchange, upstream: UpstreamTarget): Promise<void> {
  const call = new UpgradeCall();
  exchange.call = call;
  const answer = await askPeers(exchange, upstream, call);
  if (answer.kind === 'switched') await join(exchange, answer);
  else passRefusal(exchange, answer, call.signal);
}

async function askPeers(
  exchange: Exchange,
  upstream: UpstreamTarget,
  call: UpgradeCall,
): Promise<UpgradeAnswer> {
  const tried: Peer[] = [];
  const { peers, retries } = upstream;
  const hashKey = hashKeyFor(exchange, peers.hashing);
  for (;;) {
    const askedAt = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- the next peer is asked because this one failed
    const peer = await peers.next(tried, hashKey);
    tried.push(peer);
    call.beginTry(peer);
    const balancerMs = call.balancedAt - askedAt;
    const { ip, port, hostname } = peer;
    const attempt = { ip, port, hostname, startedAt: Date.now(), balancerMs };
    try {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const answer = await ask(exchange, upstream, { peer, signal: call.signal });
      call.tries.push({ ...attempt, error: undefined });
      call.answered(answer.kind === 'switched' ? 101 : answer.status);
      return answer;
    } catch (error) {
      const code = error instanceof ProxyError ? error.code : 'ERR_UPSTREAM_RESPONSE';
      call.tries.push({ ...attempt, error: code });
      const isLast = code === 'ERR_CLIENT_ABORTED' || tried.length > retries;
      call.failed(code, isLast);
      if (isLast) throw error;
    }
  }
}

function ask(
  exchange: Exchange,
  upstream: UpstreamTarget,
  attempt: { readonly peer: Peer; readonly signal: AbortSignal },
): Promise<UpgradeAnswer> {
  const { ctx, gateway } = exchange;
  const { peer, signal } = attempt;
  const host = upstreamHost({
    preserved: preservedHost(ctx),
    hostHeader: upstream.peers.hostHeader,
    hostname: peer.hostname,
    port: peer.port,
    tls: upstream.tls !== undefined,
  });
  const headers = headersFor(exchange);
  headers[HOST_VALUE] = host;
  headers.push('Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket');
  return requestUpgrade({
    peer,
    tls: upstream.tls,
    serverName: upstream.tls === undefined ? undefined : hostName(host),
    method: ctx.method,
    target: pathFor(ctx),
    headers,
    connectTimeoutMs: upstream.connectTimeoutMs,
    readTimeoutMs: upstream.readTimeoutMs,
    writeTimeoutMs: upstream.writeTimeoutMs,
    headBytesMax: gateway.runtime.settings.headerBytesMax,
    signal,
  });
}

async function join(
  exchange: Exchange,
  answer: Extract<UpgradeAnswer, { kind: 'switched' }>,
): Promise<void> {
  const { client } = exchange.ctx;
  const headers = exchange.prepareSwitch(answer.headers);
  const socket = headers === undefined ? undefined : client.releaseSocket();
  if (headers === undefined || socket === undefined) {
    answer.discard();
    return;
  }
  headers.push('Connection', 'upgrade', 'Upgrade', 'websocket');
  await answer.join(socket, client.upgrade?.head ?? Buffer.alloc(0), headers);
}

function passRefusal(
  exchange: Exchange,
  answer: Extract<UpgradeAnswer, { kind: 'refused' }>,
  gone: AbortSignal,
): void {
  const { body } = answer;
  exchange.onHead(answer.status, answer.headers, () => body.resume(), false);
  body.on('data', (chunk: Buffer) => {
    if (!exchange.onData(chunk)) body.pause();
  });
  body.once('end', () => {
    exchange.onEnd([]);
  });
  body.once('error', (cause) => {
    exchange.onFail(new ProxyError('ERR_UPSTREAM_RESPONSE', 'the upstream broke off', { cause }));
  });
  gone.addEventListener('abort', () => body.destroy(), { once: true });
  if (exchange.isOver) body.destroy();
}
