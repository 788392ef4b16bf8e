/** A small DNS server over UDP (RFC 1035) that answers from a table the test may change. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV';

/** `data` is what zone files hold: an address, a name, or `priority weight port target`. */
export interface DnsRecord {
  readonly type: DnsType;
  readonly data: string;
  /** Seconds. */
  readonly ttl?: number;
}

/** Records, or how the server fails. No entry at all means NXDOMAIN, no record of the type NODATA. */
export type DnsAnswer = readonly DnsRecord[] | 'SERVFAIL' | 'REFUSED' | 'silence';

export interface DnsServer {
  /** `ip:port` for `dns_resolver`. */
  readonly address: string;
  /** Lower-case names without the final dot. */
  readonly zone: Map<string, DnsAnswer>;
  /** Questions so far, as `TYPE name`. */
  readonly asked: string[];
}

const TYPES = new Map<number, DnsType>([
  [1, 'A'],
  [5, 'CNAME'],
  [28, 'AAAA'],
  [33, 'SRV'],
]);
const RCODES = { ok: 0, SERVFAIL: 2, nxdomain: 3, REFUSED: 5 } as const;
const HEADER_BYTES = 12;

export async function startDnsServer(
  t: TestContext,
  zone: Readonly<Record<string, DnsAnswer>> = {},
): Promise<DnsServer> {
  const table = new Map(Object.entries(zone));
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    asked.push(`${type ?? '?'} ${name}`);
    const answer = table.get(name);
    if (answer === 'silence') return;
    const reply = respond(query.subarray(0, end), type, answer);
    socket.send(reply, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { address: `127.0.0.1:${socket.address().port}`, zone: table, asked };
}

interface Question {
  readonly name: string;
  readonly type: DnsType | undefined;
  /** Offset after the question. */
  readonly end: number;
}

function readQuestion(query: Buffer): Question {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = TYPES.get(query.readUInt16BE(at + 1));
  return { name: labels.join('.').toLowerCase(), type, end: at + 5 };
}

function respond(
  question: Buffer,
  type: DnsType | undefined,
  answer: DnsAnswer | undefined,
): Buffer {
  const records = Array.isArray(answer) ? answer.filter((record) => record.type === type) : [];
  const reply = Buffer.concat([question, ...records.map(encodeRecord)]);
  const rcode = typeof answer === 'string' ? rcodeOf(answer) : RCODES[answer ? 'ok' : 'nxdomain'];
  // A response, recursion desired and available.
  reply.writeUInt16BE(0x8180 | rcode, 2);
  reply.writeUInt16BE(records.length, 6);
  // No authority and no additional section, whatever the query carried (EDNS).
  reply.writeUInt32BE(0, 8);
  return reply;
}

function rcodeOf(failure: string): number {
  return failure === 'REFUSED' ? RCODES.REFUSED : RCODES.SERVFAIL;
}

function encodeRecord({ type, data, ttl = 60 }: DnsRecord): Buffer {
  const number = [...TYPES].find(([, name]) => name === type)?.[0] ?? 0;
  const content = encodeData(type, data);
  const fixed = Buffer.alloc(HEADER_BYTES);
  // A pointer to the name in the question.
  fixed.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  fixed.writeUInt16BE(number, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt32BE(ttl, 6);
  fixed.writeUInt16BE(content.length, 10);
  return Buffer.concat([fixed, content]);
}

function encodeData(type: DnsType, data: string): Buffer {
  if (type === 'A') return Buffer.from(data.split('.').map(Number));
  if (type === 'CNAME') return encodeName(data);
  if (type === 'AAAA') return encodeIpv6(data);
  const [priority = '0', weight = '0', port = '0', target = ''] = data.split(' ');
  const numbers = Buffer.alloc(6);
  [priority, weight, port].forEach((word, i) => numbers.writeUInt16BE(Number(word), i * 2));
  return Buffer.concat([numbers, encodeName(target)]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => {
    return Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  });
  return Buffer.concat([...labels, Buffer.from([0])]);
}

const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));

function encodeIpv6(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const gap = 8 - groups(left).length - groups(right).length;
  const all = [...groups(left), ...Array.from({ length: gap }, () => '0'), ...groups(right)];
  const bytes = Buffer.alloc(16);
  all.forEach((group, i) => bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2));
  return bytes;
}
