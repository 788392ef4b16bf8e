/** The data plane of several worker processes: forked, supervised, and given each config in two phases. */
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { createLocalAnswers, type LocalAnswers } from '../answer-cache/local.ts';
import { answerQuestions } from '../answer-cache/remote.ts';
import { openCache } from '../answer-cache/strategy.ts';
import { createLocalCounters, type LocalCounters } from '../counters/local.ts';
import { answerBatch } from '../counters/remote.ts';
import { compileGateway } from '../gateway/compile.ts';
import { createRuntime, type Runtime } from '../gateway/runtime.ts';
import { compileWatchedBalancers } from '../gateway/upstreams.ts';
import type { Config } from '../config/types.ts';
import { connectNowhere } from '../keys/link.ts';
import type { Logger } from '../log.ts';
import { createMetricStore, type MetricStore } from '../metrics/store.ts';
import type { Balancer } from '../proxy/balancer/balancer.ts';
import { answer, ask, tell, type Member } from './cluster-member.ts';
import type { DataPlane, DataPlaneOptions, EndedCounters, WorkerStatus } from './data-plane.ts';
import { isToPrimary, type ToPrimary, type ToWorker } from './messages.ts';
import { prepareOf, releaseOf, type Release } from './release.ts';

/** The same folder holds the worker in the sources and in the build. */
const WORKER_FILE = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5000;
/** More deaths than this in the window, and the reason is not one that a restart cures. */
const CRASHES_MAX = 20;
const CRASH_WINDOW_MS = 60_000;
/** What a worker may take to compile a config, its own start included. */
const ANSWER_MS = 30_000;
/** What a worker may take beyond the grace period before it is killed. */
const DRAIN_SLACK_MS = 2000;

interface Fleet {
  /** The primary carries no traffic, but its board decides and its monitor probes. */
  readonly runtime: Runtime;
  balancers: ReadonlyMap<string, Balancer>;
  readonly options: DataPlaneOptions;
  readonly log: Logger;
  readonly members: Set<Member>;
  /** Of all workers. */
  readonly counters: LocalCounters;
  readonly answers: LocalAnswers;
  readonly metrics: MetricStore;
  current: Release;
  /** Sent to all for preparation and not yet committed. */
  pending: Release | undefined;
  deaths: number[];
  ended: EndedCounters;
  draining: boolean;
  readonly giveUp: (reason: Error) => void;
}

/**
 * Starts `settings.workers` workers with the first config. Rejects with ConfigError when it does not
 * compile, and with the reason when a worker cannot listen; no worker is left behind then.
 */
export async function startClusterDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { settings, logs, config, compile } = options;
  const runtime = createRuntime(settings, logs.proxy);
  const check: DataPlane['apply'] = (next, from) => compileGateway(next, runtime, from).close();
  await check(config, compile);
  cluster.setupPrimary({
    exec: fileURLToPath(new URL(WORKER_FILE, import.meta.url)),
    args: [],
    serialization: 'advanced',
  });
  const { promise: failed, resolve: giveUp } = deferredError();
  const fleet: Fleet = {
    runtime,
    balancers: new Map(),
    options,
    log: logs.proxy,
    members: new Set(),
    counters: createLocalCounters(Date.now),
    answers: createLocalAnswers(settings.memCacheBytes, Date.now),
    metrics: createMetricStore(),
    current: releaseOf(1, config, compile),
    pending: undefined,
    deaths: [],
    ended: { accepted: 0, requests: 0 },
    draining: false,
    giveUp,
  };
  runtime.health.subscribe((change) => {
    for (const member of fleet.members) tell(member, { kind: 'health', changes: [change] });
  });
  await startAll(fleet);
  watchHealth(fleet, config);
  return {
    addresses: () => [...fleet.members].find((m) => m.addresses.length > 0)?.addresses ?? [],
    async apply(next, from, prepared) {
      await check(next, from);
      await release(fleet, releaseOf(fleet.current.version + 1, next, from), prepared);
      watchHealth(fleet, next);
    },
    status: () => [...fleet.members].flatMap((member) => statusOf(fleet, member)),
    balancers: () => fleet.balancers,
    openCache: (fields) =>
      openCache(fields, { answers: fleet.answers, redis: runtime.services.redis }),
    metrics: () => fleet.metrics,
    ended: () => fleet.ended,
    async drain(graceMs) {
      const finished = await drain(fleet, graceMs);
      await runtime.close();
      return finished;
    },
    reopenLogs() {
      logs.reopen();
      for (const member of fleet.members) tell(member, { kind: 'reopen' });
    },
    failed,
  };
}

/** The new balancers are there before the old ones let go, so that nothing is forgotten. */
function watchHealth(fleet: Fleet, config: Config): void {
  const { runtime, balancers } = fleet;
  fleet.balancers = compileWatchedBalancers(config, runtime);
  runtime.monitor.watch(fleet.balancers.values());
  for (const balancer of balancers.values()) balancer.close();
}

function deferredError(): {
  readonly promise: Promise<Error>;
  readonly resolve: (e: Error) => void;
} {
  let settle: ((error: Error) => void) | undefined;
  const promise = new Promise<Error>((resolve) => (settle = resolve));
  return { promise, resolve: (error) => settle?.(error) };
}

function statusOf(fleet: Fleet, { worker, status, version }: Member): WorkerStatus[] {
  const ready = version === fleet.current.version;
  const pid = worker.process.pid ?? 0;
  const unknown = { accepted: 0, active: 0, writing: 0, requests: 0, heapUsedBytes: 0 };
  return [{ ...unknown, ...status, pid, ready }];
}

async function startAll(fleet: Fleet): Promise<void> {
  const members = Array.from({ length: fleet.options.settings.workers }, () => fork(fleet));
  const outcomes = await Promise.all(
    members.map((member) =>
      answer(member, ({ kind }) => kind === 'listening' || kind === 'failed'),
    ),
  );
  const failure = outcomes.find((message) => message?.kind !== 'listening');
  if (outcomes.every((message) => message?.kind === 'listening')) {
    for (const member of members) supervise(fleet, member);
    return;
  }
  fleet.draining = true;
  for (const { worker } of fleet.members) worker.process.kill('SIGKILL');
  throw new Error(failure?.kind === 'failed' ? failure.message : 'a worker ended while it started');
}

/** A new worker, with the current config and, in the middle of a change, the next one. */
function fork(fleet: Fleet): Member {
  const { settings, defaultTls, shared } = fleet.options;
  const connectKeys = shared?.connectKeys ?? connectNowhere;
  const worker = cluster.fork();
  const member: Member = {
    worker,
    waiting: new Set(),
    outbox: [],
    addresses: [],
    status: undefined,
    version: 0,
    keys: connectKeys((state) => tell(member, { kind: 'key-state', state })),
  };
  fleet.members.add(member);
  worker.on('message', (message: unknown) => {
    if (!isToPrimary(message)) return;
    if (!answerShared(fleet, member, message)) receive(fleet, member, message);
  });
  worker.once('exit', () => {
    fleet.members.delete(member);
    member.keys.close();
    const { accepted, requests } = fleet.ended;
    fleet.ended = {
      accepted: accepted + (member.status?.accepted ?? 0),
      requests: requests + (member.status?.requests ?? 0),
    };
    for (const resolve of member.waiting) resolve(undefined);
  });
  worker.on('error', (err) => fleet.log.error({ err }, 'worker process'));
  const { version, text, plugins } = fleet.current;
  tell(member, { kind: 'start', settings, defaultTls, config: text, plugins, version });
  tell(member, { kind: 'health', changes: fleet.runtime.health.snapshot() });
  if (fleet.pending !== undefined) {
    tell(member, prepareOf(fleet.pending));
  }
  return member;
}

/** What requests wait for: counts and answers that the workers share. False for anything else. */
function answerShared(fleet: Fleet, member: Member, message: ToPrimary): boolean {
  switch (message.kind) {
    case 'count':
      tell(member, { kind: 'counted', replies: answerBatch(fleet.counters, message.batch) });
      return true;
    case 'cache-ask':
      tell(member, { kind: 'cached', replies: answerQuestions(fleet.answers, message.batch) });
      return true;
    case 'cache-keep': {
      const { entry } = message;
      fleet.answers.put(entry.name, entry.answer, entry.keepSeconds);
      return true;
    }
    default:
      return false;
  }
}

function receive(fleet: Fleet, member: Member, message: ToPrimary): void {
  if (message.kind === 'observed') return fleet.runtime.health.report(message.report);
  if (message.kind === 'metrics') return fleet.metrics.merge(message.counted);
  if (message.kind === 'hello') {
    const held = member.outbox ?? [];
    member.outbox = undefined;
    for (const each of held) tell(member, each);
  }
  if (message.kind === 'key-call') void answerKeys(member, message);
  if (message.kind === 'status') member.status = message.status;
  if (message.kind === 'listening') member.addresses = message.addresses;
  if (message.kind === 'listening' || message.kind === 'committed') {
    member.version = message.version;
  }
  for (const resolve of member.waiting) resolve(message);
}

async function answerKeys(
  member: Member,
  { id, call }: Extract<ToPrimary, { kind: 'key-call' }>,
): Promise<void> {
  // What goes wrong is part of the state; a bug here must not leave a request waiting.
  const state = await member.keys.call(call).catch(() => undefined);
  tell(member, { kind: 'key-answer', id, state });
}

/** A worker that dies is replaced, later each time, until it dies too often. */
function supervise(fleet: Fleet, member: Member): void {
  const replace = (code: number, signal: string): void => {
    if (fleet.draining) return;
    const now = Date.now();
    fleet.deaths = [...fleet.deaths.filter((at) => now - at < CRASH_WINDOW_MS), now];
    const crashes = fleet.deaths.length;
    const pid = member.worker.process.pid;
    fleet.log.error({ worker: pid, code, signal }, 'a worker died; its requests are lost');
    if (crashes > CRASHES_MAX) {
      fleet.giveUp(new Error(`workers died ${crashes} times in ${CRASH_WINDOW_MS / 1000} s`));
      return;
    }
    const delayMs = Math.min(BACKOFF_FIRST_MS * 2 ** (crashes - 1), BACKOFF_MAX_MS);
    setTimeout(() => {
      if (!fleet.draining) supervise(fleet, fork(fleet));
    }, delayMs);
  };
  // A replacement that cannot listen is of no use: its end makes room for the next try.
  void answer(member, ({ kind }) => kind === 'failed').then((message) => {
    if (message?.kind !== 'failed' || member.addresses.length > 0) return undefined;
    fleet.log.error(
      { worker: member.worker.process.pid },
      `a worker cannot start: ${message.message}`,
    );
    return member.worker.process.kill('SIGKILL');
  });
  if (member.worker.isDead()) replace(member.worker.process.exitCode ?? 0, 'unknown');
  else member.worker.once('exit', replace);
}

/** All workers compile it, then all serve it; if one cannot, none does. */
async function release(
  fleet: Fleet,
  next: Release,
  beforeCommit?: () => Promise<void>,
): Promise<void> {
  fleet.pending = next;
  const { version } = next;
  const prepared = await askAll(fleet, prepareOf(next), 'prepared');
  const problem = prepared.find((m) => m?.kind === 'prepared' && m.problem !== undefined);
  if (problem?.kind === 'prepared') {
    abort(fleet, version);
    throw new Error(`a worker cannot run the config: ${problem.problem ?? ''}`);
  }
  try {
    await beforeCommit?.();
  } catch (error) {
    abort(fleet, version);
    throw error;
  }
  // A worker that was started meanwhile gets it as its first config.
  fleet.pending = undefined;
  fleet.current = next;
  await askAll(fleet, { kind: 'commit', version }, 'committed');
}

/** What every worker says to one step of a change. One that hangs is ended: its successor has the config. */
function askAll(
  fleet: Fleet,
  message: Extract<ToWorker, { kind: 'prepare' | 'commit' }>,
  reply: 'prepared' | 'committed',
): Promise<(ToPrimary | undefined)[]> {
  const isIt = (m: ToPrimary): boolean => m.kind === reply && m.version === message.version;
  return Promise.all(
    [...fleet.members].map((member) =>
      ask(member, message, {
        isIt,
        withinMs: ANSWER_MS,
        onLate({ pid }) {
          fleet.log.error({ worker: pid }, 'a worker does not answer; it is ended');
        },
      }),
    ),
  );
}

function abort(fleet: Fleet, version: number): void {
  fleet.pending = undefined;
  for (const member of fleet.members) tell(member, { kind: 'abort', version });
}

async function drain(fleet: Fleet, graceMs: number): Promise<boolean> {
  fleet.draining = true;
  const members = [...fleet.members];
  const finished = await Promise.all(
    members.map(async (member) => {
      const message = await ask(
        member,
        { kind: 'drain', graceMs },
        { isIt: ({ kind }) => kind === 'drained', withinMs: graceMs + DRAIN_SLACK_MS },
      );
      member.worker.process.kill('SIGKILL');
      return message?.kind === 'drained' && message.finished;
    }),
  );
  return finished.every(Boolean);
}
