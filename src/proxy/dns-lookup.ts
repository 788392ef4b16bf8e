/** One lookup of a name: record types and search suffixes in order, until one has an answer. */
import type { Resolver } from 'node:dns/promises';
import type { SrvRecord } from 'node:dns';
import { isIP } from 'node:net';
import type { DnsSettings } from '../settings/types.ts';
import { searchNames, type ResolvConf } from './resolv-conf.ts';
import type { ResolvedAddress } from './types.ts';

export type RecordType = Exclude<DnsSettings['order'][number], 'LAST'>;

/** What had an answer, to be asked first next time (Kong's LAST). */
export interface Question {
  readonly type: RecordType;
  readonly name: string;
}

export type Lookup =
  | {
      readonly kind: 'found';
      readonly addresses: readonly ResolvedAddress[];
      readonly ttlMs: number;
      readonly question: Question;
    }
  | { readonly kind: 'absent' }
  /** `reason` is for people: the server's refusal or silence. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface LookupTools {
  readonly resolver: Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveSrv' | 'resolveCname'>;
  readonly conf: ResolvConf;
  readonly order: DnsSettings['order'];
}

/** An alias or SRV target may lead on to another; more than this is a loop. */
const HOPS_MAX = 5;
/** For records whose TTL Node does not tell (SRV, CNAME); their targets' own TTL is usually lower. */
const UNKNOWN_TTL_MS = 60_000;

/** Codes of c-ares, as RFC 1035 section 4.1.1 numbers and names them. */
const SERVER_ERRORS = new Map([
  ['EFORMERR', 'dns server error: 1 format error'],
  ['ESERVFAIL', 'dns server error: 2 server failure'],
  ['ENOTIMP', 'dns server error: 4 not implemented'],
  ['EREFUSED', 'dns server error: 5 refused'],
  ['ETIMEOUT', 'timeout'],
  ['ECONNREFUSED', 'connection refused'],
  ['EBADRESP', 'bad response'],
]);

/** Failures that no other record type of the same server would be spared. */
const UNREACHABLE: ReadonlySet<string> = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED']);

/** Asks for `last` first if the order begins with LAST and there is one. Never rejects. */
export async function lookUp(
  tools: LookupTools,
  host: string,
  last: Question | undefined,
  hops = 0,
): Promise<Lookup> {
  if (hops > HOPS_MAX) return { kind: 'failed', reason: 'recursion detected' };
  const absentNames = new Set<string>();
  let failure: Lookup | undefined;
  for (const question of questions(tools, host, last)) {
    if (absentNames.has(question.name)) continue;
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next question depends on this answer
      const answer = await ask(tools, question, hops);
      if (answer.kind === 'found') return answer;
      if (answer.kind === 'failed') failure ??= answer;
    } catch (error) {
      const code = codeOf(error);
      // NXDOMAIN: no record of any type. ENODATA only speaks of this type.
      if (code === 'ENOTFOUND') absentNames.add(question.name);
      if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME') continue;
      failure = { kind: 'failed', reason: SERVER_ERRORS.get(code) ?? 'dns client error' };
      if (UNREACHABLE.has(code)) return failure;
    }
  }
  return failure ?? { kind: 'absent' };
}

/** Types are the outer loop, suffixes the inner one, as Kong's client asks. */
function* questions(
  tools: LookupTools,
  host: string,
  last: Question | undefined,
): Generator<Question> {
  const names = searchNames(host, tools.conf);
  for (const type of tools.order) {
    if (type === 'LAST') {
      if (last !== undefined) yield last;
      continue;
    }
    for (const name of names) {
      if (last === undefined || last.type !== type || last.name !== name) yield { type, name };
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function ask(tools: LookupTools, question: Question, hops: number): Promise<Lookup> {
  const { resolver } = tools;
  const { name, type } = question;
  switch (type) {
    case 'A':
      return found(question, await resolver.resolve4(name, { ttl: true }));
    case 'AAAA':
      return found(question, await resolver.resolve6(name, { ttl: true }));
    case 'SRV':
      return followSrv(tools, question, { records: await resolver.resolveSrv(name), hops });
    case 'CNAME': {
      const [target] = await resolver.resolveCname(name);
      if (target === undefined) return { kind: 'absent' };
      const answer = await lookUp(tools, `${target}.`, undefined, hops + 1);
      return answer.kind === 'found' ? { ...answer, question } : answer;
    }
  }
}

function found(
  question: Question,
  records: readonly { readonly address: string; readonly ttl: number }[],
): Lookup {
  if (records.length === 0) return { kind: 'absent' };
  return {
    kind: 'found',
    question,
    ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000,
    addresses: records.map(({ address }) => ({
      ip: address,
      port: undefined,
      weight: 1,
      name: undefined,
    })),
  };
}

interface SrvAnswer {
  readonly records: readonly SrvRecord[];
  readonly hops: number;
}

/** RFC 2782: only the group with the lowest priority number is used; Kong counts weight 0 as 1. */
async function followSrv(
  tools: LookupTools,
  question: Question,
  { records, hops }: SrvAnswer,
): Promise<Lookup> {
  const priority = Math.min(...records.map((record) => record.priority));
  const group = records.filter((record) => record.priority === priority);
  const order = tools.order.filter((type) => type !== 'SRV' && type !== 'LAST');
  const answers = await Promise.all(
    group.map(async (record) => ({
      record,
      answer: await lookUpTarget({ ...tools, order }, record.name, hops),
    })),
  );
  const addresses: ResolvedAddress[] = [];
  let ttlMs = UNKNOWN_TTL_MS;
  for (const { record, answer } of answers) {
    if (answer.kind !== 'found') continue;
    ttlMs = Math.min(ttlMs, answer.ttlMs);
    const { port, name } = record;
    const weight = Math.max(record.weight, 1);
    for (const { ip } of answer.addresses) addresses.push({ ip, port, weight, name });
  }
  if (addresses.length > 0) return { kind: 'found', question, ttlMs, addresses };
  return answers.find(({ answer }) => answer.kind === 'failed')?.answer ?? { kind: 'absent' };
}

async function lookUpTarget(tools: LookupTools, name: string, hops: number): Promise<Lookup> {
  if (isIP(name) === 0) return lookUp(tools, `${name}.`, undefined, hops + 1);
  return found({ type: 'A', name }, [{ address: name, ttl: UNKNOWN_TTL_MS / 1_000 }]);
}
