/** A WebSocket endpoint that sends every frame back (RFC 6455), enough to try upgrades through the gateway. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 6455 section 1.3: the value every server appends to the client's key. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const FRAME_BYTES_MAX = 1_000_000;
const OPCODE_CLOSE = 0x8;
const OPCODE_PING = 0x9;
const OPCODE_PONG = 0xa;

/** Node's `upgrade` listener: accepts `/ws` (at the end of any path), refuses the rest with 400. */
export function acceptEcho(req: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on('error', () => socket.destroy());
  const key = req.headers['sec-websocket-key'];
  if (key === undefined || !/\/ws(\?|$)/.test(req.url ?? '')) {
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  const accept = createHash('sha1')
    .update(key + HANDSHAKE_GUID)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  echoFrames(socket, head);
}

function echoFrames(socket: Duplex, head: Buffer): void {
  let pending = head;
  const consume = () => {
    for (let frame = readFrame(pending); frame !== undefined; frame = readFrame(pending)) {
      pending = pending.subarray(frame.size);
      answerFrame(socket, frame);
    }
    if (pending.length > FRAME_BYTES_MAX + 14) socket.destroy();
  };
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    consume();
  });
  socket.on('end', () => socket.end());
  consume();
}

interface Frame {
  /** FIN, reserved bits and opcode as received. */
  readonly first: number;
  readonly payload: Buffer;
  /** Bytes the frame took on the wire. */
  readonly size: number;
}

/** RFC 6455 section 5.2. `undefined` while the frame is incomplete. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + lengthBytes) return undefined;
  const length =
    lengthBytes === 0
      ? short
      : lengthBytes === 2
        ? bytes.readUInt16BE(2)
        : Number(bytes.readBigUInt64BE(2));
  const maskBytes = (second & 0x80) === 0 ? 0 : 4;
  const start = 2 + lengthBytes + maskBytes;
  if (bytes.length < start + length) return undefined;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  if (maskBytes > 0) unmask(payload, bytes.subarray(start - maskBytes, start));
  return { first, payload, size: start + length };
}

/** RFC 6455 section 5.3, in place. */
function unmask(payload: Buffer, mask: Buffer): void {
  for (let i = 0; i < payload.length; i += 1) {
    payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  }
}

function answerFrame(socket: Duplex, { first, payload }: Frame): void {
  const opcode = first & 0x0f;
  if (opcode === OPCODE_PONG) return;
  const answer = opcode === OPCODE_PING ? (first & 0xf0) | OPCODE_PONG : first;
  socket.write(writeFrame(answer, payload));
  if (opcode === OPCODE_CLOSE) socket.end();
}

/** A server's frames are not masked. */
function writeFrame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  if (length < 65_536)
    return Buffer.concat([Buffer.from([first, 126, length >> 8, length & 0xff]), payload]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(length));
  return Buffer.concat([Buffer.from([first, 127]), size, payload]);
}
