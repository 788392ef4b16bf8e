/** An HTTP/1.1 client on a bare socket: it sends any bytes and shows the answer as it came. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

const ANSWER_TIMEOUT_MS = 15_000;

export interface RawAnswer {
  readonly status: number;
  /** `Name: value` lines as received, in order. */
  readonly lines: readonly string[];
  readonly body: string;
}

export interface RawClient {
  readonly socket: Socket;
  write(bytes: string | Buffer): void;
  /** The next whole answer. `head` when it belongs to a HEAD request. Rejects when the connection ends before. */
  answer(head?: 'head'): Promise<RawAnswer>;
  /** Resolves when the other side has closed, whatever way. */
  closed(): Promise<void>;
}

/** Connects to a port on 127.0.0.1; the connection goes with the test. */
export async function openRaw(t: TestContext, port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  const incoming = collect(socket);
  return {
    socket,
    write: (bytes) => void socket.write(bytes, 'latin1'),
    answer: (head) => incoming.take((bytes, ended) => parseAnswer(bytes, ended, head === 'head')),
    closed: () => incoming.ended(),
  };
}

/** Sends `bytes` on a connection of its own and returns the first answer. */
export async function rawExchange(
  t: TestContext,
  port: number,
  bytes: string | Buffer,
): Promise<RawAnswer> {
  const client = await openRaw(t, port);
  client.write(bytes);
  return client.answer();
}

/** The values of a header in an answer, in order. */
export function valuesOf(answer: RawAnswer, lowerName: string): readonly string[] {
  return answer.lines
    .filter((line) => line.toLowerCase().startsWith(`${lowerName}:`))
    .map((line) => line.slice(lowerName.length + 1).trim());
}

interface Parsed<T> {
  readonly value: T;
  readonly size: number;
}
type Parser<T> = (bytes: Buffer, ended: boolean) => Parsed<T> | undefined;

/** What the socket has delivered and nobody has taken yet. */
function collect(socket: Socket) {
  let pending = Buffer.alloc(0);
  let ended = false;
  const changed = new EventTarget();
  const change = () => changed.dispatchEvent(new Event('change'));
  let finish: () => void = change;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const end = () => {
    ended = true;
    finish();
    change();
  };
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    change();
  });
  socket.on('end', end);
  socket.on('close', end);
  socket.on('error', end);
  const nextChange = () =>
    once(changed, 'change', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  return {
    async take<T>(parse: Parser<T>): Promise<T> {
      for (;;) {
        const parsed = parse(pending, ended);
        if (parsed !== undefined) {
          pending = pending.subarray(parsed.size);
          return parsed.value;
        }
        if (ended)
          throw new Error(`connection ended after ${JSON.stringify(pending.toString('latin1'))}`);
        await nextChange();
      }
    },
    ended: () => finished,
  };
}

function parseAnswer(
  bytes: Buffer,
  ended: boolean,
  isHead: boolean,
): Parsed<RawAnswer> | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine, ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine ?? '')?.[1]);
  if (Number.isNaN(status)) throw new Error(`not an HTTP status line: ${statusLine}`);
  const bodyStart = headEnd + 4;
  if (status >= 100 && status < 200 && status !== 101) {
    const rest = parseAnswer(bytes.subarray(bodyStart), ended, isHead);
    return rest && { value: rest.value, size: rest.size + bodyStart };
  }
  const body = parseBody(bytes.subarray(bodyStart), ended, bodyKind(status, lines, isHead));
  return body && { value: { status, lines, body: body.value }, size: bodyStart + body.size };
}

type BodyKind = 'none' | 'chunked' | 'until-close' | number;

function bodyKind(status: number, lines: readonly string[], isHead: boolean): BodyKind {
  if (isHead || status === 101 || status === 204 || status === 304) return 'none';
  if (lines.some((line) => /^transfer-encoding:.*chunked/i.test(line))) return 'chunked';
  const length = lines.find((line) => /^content-length:/i.test(line));
  return length === undefined ? 'until-close' : Number(length.slice(15));
}

function parseBody(bytes: Buffer, ended: boolean, kind: BodyKind): Parsed<string> | undefined {
  if (kind === 'none') return { value: '', size: 0 };
  if (kind === 'chunked') return parseChunks(bytes);
  if (kind === 'until-close') {
    return ended ? { value: bytes.toString('latin1'), size: bytes.length } : undefined;
  }
  if (bytes.length < kind) return undefined;
  return { value: bytes.subarray(0, kind).toString('latin1'), size: kind };
}

function parseChunks(bytes: Buffer): Parsed<string> | undefined {
  let body = '';
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (Number.isNaN(length)) throw new Error('bad chunk length');
    const next = lineEnd + 2 + length + 2;
    if (bytes.length < next) return undefined;
    body += bytes.subarray(lineEnd + 2, lineEnd + 2 + length).toString('latin1');
    if (length === 0) return { value: body, size: next };
    at = next;
  }
}
