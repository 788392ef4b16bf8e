/**
 * `npm run bench [-- --quick]`: CPU time per request of the gateway beside its peers, in one run.
 * Rounds are interleaved and medians compared, so that what the machine does meanwhile hits all alike:
 * absolute figures move from machine to machine, the ratios are what counts. Never fails a build.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  jwkSet,
  kongYaml,
  makeTokens,
  signatureUs,
  tenPluginsYaml,
  TEN_PLUGINS_HEAD,
  type TokenKind,
} from './fixtures.ts';
import { EXTERNAL_SERVERS } from './external-servers.ts';
import { startNode, startServer, type Child } from './processes.ts';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 3 : 7;
const REQUESTS = quick ? 4_000 : 15_000;
/** Signing RS256 tokens takes the load generator longer than anything it measures. */
const REQUESTS_NEW_RS256 = quick ? 800 : 3_000;

/** One line of the table: some requests to one process. */
interface Row {
  readonly name: string;
  readonly child: Child;
  readonly path: string;
  readonly tokens: TokenKind;
  /** Header lines of every request. */
  readonly head: string;
  readonly samplesUs: number[];
  readonly perSecond: number[];
}

interface LoadResult {
  readonly done: number;
  readonly wrong: number;
  readonly perSecond: number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function isLoadResult(message: object): message is LoadResult {
  return 'done' in message && 'wrong' in message && 'perSecond' in message;
}

async function measure(
  row: Row,
  load: Child,
  requests: number,
): Promise<LoadResult & { cpuUs: number }> {
  const job = {
    port: row.child.port,
    path: row.path,
    count: requests,
    tokens: makeTokens(row.tokens, requests),
    head: row.head,
  };
  const before = await row.child.cpuUs();
  const result = await load.ask(job);
  const after = await row.child.cpuUs();
  if (!isLoadResult(result)) throw new Error('the load generator sent something else');
  if (result.wrong > 0) throw new Error(`${row.name}: ${result.wrong} answers were not 200`);
  return { ...result, cpuUs: (after - before) / requests };
}

function requestsOf(row: Row): number {
  return row.tokens === 'rs256-new' ? REQUESTS_NEW_RS256 : REQUESTS;
}

function newRow(name: string, child: Child, path = '/plain', tokens: TokenKind = 'none'): Row {
  return { name, child, path, tokens, head: '', samplesUs: [], perSecond: [] };
}

async function startRows(originUrl: string): Promise<readonly Row[]> {
  const silverback = await startNode('gateway.mjs', kongYaml(originUrl));
  // Of its own: its metrics measure the requests of every route.
  const many = await startNode('gateway.mjs', tenPluginsYaml(originUrl));
  const rows = [
    newRow(RELAY, await startNode('relay.mjs', originUrl)),
    newRow(NODE_HTTP_PROXY, await startNode('node-http-proxy.mjs', originUrl)),
    newRow(PLAIN, silverback),
    { ...newRow(TEN, many, '/ten'), head: TEN_PLUGINS_HEAD },
    newRow(HS256, silverback, '/jwt', 'hs256-repeated'),
    newRow(RS256, silverback, '/jwt', 'rs256-repeated'),
    newRow('silverback, jwt HS256, new tokens', silverback, '/jwt', 'hs256-new'),
    newRow(RS256_NEW, silverback, '/jwt', 'rs256-new'),
    newRow(SIGNED, silverback, '/signed', 'rs256-repeated'),
    newRow(SIGNED_NEW, silverback, '/signed', 'rs256-new'),
  ];
  for (const server of EXTERNAL_SERVERS) {
    const child = await startServer(server, originUrl);
    if (child === undefined) print(`(${server.name} is not installed)`);
    else {
      rows.push(newRow(server.name, child));
      for (const [path, tokens] of server.checks) {
        rows.push(newRow(`${server.name}, ${TOKENS[tokens]}`, child, path, tokens));
      }
    }
  }
  return rows;
}

const TOKENS: Readonly<Record<TokenKind, string>> = {
  none: 'no token',
  'hs256-repeated': 'jwt_verify HS256, repeated token',
  'hs256-new': 'jwt_verify HS256, new tokens',
  'rs256-repeated': 'jwt_verify RS256, repeated token',
  'rs256-new': 'jwt_verify RS256, new tokens',
};

const RELAY = 'node:http + undici relay';
const NODE_HTTP_PROXY = 'node-http-proxy, keep-alive agent';
const PLAIN = 'silverback, plain';
const TEN = 'silverback, ten plugins';
const HS256 = 'silverback, jwt HS256, repeated token';
const RS256 = 'silverback, jwt RS256, repeated token';
const RS256_NEW = 'silverback, jwt RS256, new tokens';
const SIGNED = 'silverback, jwt-signer RS256, repeated token';
const SIGNED_NEW = 'silverback, jwt-signer RS256, new tokens';

function printTable(rows: readonly Row[]): void {
  const relay = median(rows.find((row) => row.name === RELAY)?.samplesUs ?? []);
  print('');
  print('| target | CPU µs/request | × relay | requests/CPU second | requests/s |');
  print('| --- | ---: | ---: | ---: | ---: |');
  for (const { name, samplesUs, perSecond } of rows) {
    const us = median(samplesUs);
    print(
      `| ${name} | ${us.toFixed(1)} | ${(us / relay).toFixed(2)} | ${(1e6 / us).toFixed(0)} | ${median(perSecond).toFixed(0)} |`,
    );
  }
}

/** For how long the gateway hears nobody while every token is new and signed. */
async function printLoopDelay(row: Row, load: Child): Promise<void> {
  await row.child.ask('loop');
  await measure(row, load, requestsOf(row));
  const { p99Ms, maxMs } = toDelay(await row.child.ask('loop'));
  print('');
  print(
    `event loop while every token is new and signed: p99 ${p99Ms.toFixed(1)} ms, at most ${maxMs.toFixed(1)} ms`,
  );
}

function toDelay(message: object): { readonly p99Ms: number; readonly maxMs: number } {
  if (!('p99Ms' in message && 'maxMs' in message))
    throw new Error('the gateway sent something else');
  return { p99Ms: Number(message.p99Ms), maxMs: Number(message.maxMs) };
}

/** A signature beside the same load: on cores that share their parts, all costs more CPU when both are busy. */
async function busySignatureUs(row: Row, load: Child): Promise<number> {
  const running = load.ask({ port: row.child.port, path: row.path, count: REQUESTS, tokens: [] });
  const us = signatureUs();
  await running;
  return us;
}

function printAims(
  rows: readonly Row[],
  signature: { readonly idle: number; readonly busy: number },
): void {
  const us = (name: string) => median(rows.find((row) => row.name === name)?.samplesUs ?? []);
  const aims = [
    { name: 'plain / relay', value: us(PLAIN) / us(RELAY), most: 1.25 },
    { name: 'repeated HS256 token / plain', value: us(HS256) / us(PLAIN), most: 1.15 },
    { name: 'repeated RS256 token / plain', value: us(RS256) / us(PLAIN), most: 1.15 },
    { name: 'plain / node-http-proxy', value: us(PLAIN) / us(NODE_HTTP_PROXY), most: 1 / 1.8 },
  ];
  // Both verify one signature per token; what is left is the price of a new one.
  const perNewToken = us(SIGNED_NEW) - us(RS256_NEW);
  aims.push(
    { name: 'jwt-signer, repeated token / plain', value: us(SIGNED) / us(PLAIN), most: 1.3 },
    {
      name: 'jwt-signer, new token, in RS256 signatures',
      value: perNewToken / signature.idle,
      most: 1,
    },
  );
  aims.push({
    name: 'ten plugins, µs more than plain',
    value: us(TEN) - us(PLAIN),
    most: 15,
  });
  print('');
  for (const { name, value, most } of aims) {
    const verdict = value <= most ? 'met' : 'missed';
    print(`${verdict.padEnd(6)}  ${name}: ${value.toFixed(2)} (at most ${most.toFixed(2)})`);
  }
  const { idle, busy } = signature;
  print(
    `one RS256 signature: ${idle.toFixed(0)} µs of CPU by itself, ${busy.toFixed(0)} beside plain requests: a new token is ${(perNewToken / busy).toFixed(2)} of those`,
  );
}

async function main(): Promise<void> {
  print(
    `Node ${process.version}, ${availableParallelism()} cores, ${ROUNDS} rounds of ${REQUESTS} requests`,
  );
  const origin = await startNode('origin.mjs', jwkSet());
  const load = await startNode('load.mjs');
  const rows = await startRows(`http://127.0.0.1:${origin.port}`);
  try {
    for (const row of rows) await measure(row, load, requestsOf(row)); // warm-up, not counted
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const row of rows) {
        const { cpuUs, perSecond } = await measure(row, load, requestsOf(row));
        row.samplesUs.push(cpuUs);
        row.perSecond.push(perSecond);
      }
    }
    printTable(rows);
    const plain = rows.find((row) => row.name === PLAIN);
    const idle = signatureUs();
    const busy = plain === undefined ? idle : await busySignatureUs(plain, load);
    printAims(rows, { idle, busy });
    const signedNew = rows.find((row) => row.name === SIGNED_NEW);
    if (signedNew !== undefined) await printLoopDelay(signedNew, load);
  } finally {
    for (const child of new Set([origin, load, ...rows.map((row) => row.child)])) child.stop();
  }
}

/** Figures of one part, in a process of their own. */
function runBench(file: string): void {
  print('');
  const script = join(import.meta.dirname, file);
  const args = [...process.execArgv, script, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) print(`${script} ended with ${String(status)}`);
}

await main();
runBench('tokens.ts');
runBench('router.ts');
