/**
 * Active health checks: probes the targets of the upstreams that want it. One monitor does it for a
 * whole node, and a reload that leaves an upstream's checks alone does not disturb their rhythm.
 */
import type { Address } from '../balancer/address.ts';
import type { Balancer } from '../balancer/balancer.ts';
import { isProbed, reporter, type Finding } from './checks.ts';
import { planProbes, probe, type ProbePlan } from './probe.ts';

export interface HealthMonitor {
  /** From now on these are the upstreams; what is no longer among them is left alone. */
  watch(balancers: Iterable<Balancer>): void;
  close(): void;
}

/** Of a worker: its primary does it. */
export const NO_MONITOR: HealthMonitor = { watch() {}, close() {} };

/** Kong's own clock looks no more often. */
const INTERVAL_MIN_MS = 100;

export function createHealthMonitor(): HealthMonitor {
  let probers = new Map<string, Prober>();
  return {
    watch(balancers) {
      const before = probers;
      probers = new Map();
      for (const balancer of balancers) {
        if (!isProbed(balancer.upstream.healthchecks.active)) continue;
        const key = keyOf(balancer);
        probers.set(key, before.get(key) ?? new Prober());
        probers.get(key)?.use(balancer);
      }
      for (const [key, prober] of before) if (!probers.has(key)) prober.stop();
    },
    close() {
      for (const prober of probers.values()) prober.stop();
      probers = new Map();
    },
  };
}

/** Equal for an upstream whose probes are the same. */
function keyOf({ upstream, probeTls }: Balancer): string {
  const { name, host_header, healthchecks } = upstream;
  return JSON.stringify([name, host_header, healthchecks.active, probeTls?.id]);
}

class Prober {
  #balancer: Balancer | undefined;
  #plan: ProbePlan | undefined;
  #timers: readonly NodeJS.Timeout[] = [];
  #isStopped = false;

  /** Probes on behalf of this balancer, which is that of the newest gateway. */
  use(balancer: Balancer): void {
    const isFirst = this.#balancer === undefined;
    this.#balancer = balancer;
    this.#plan = planProbes(balancer.upstream, balancer.probeTls);
    if (!isFirst) return;
    const { healthy, unhealthy } = balancer.upstream.healthchecks.active;
    this.#timers = [
      ...this.#every(healthy.interval, (address) => address.isUsable),
      ...this.#every(unhealthy.interval, (address) => !address.isUsable),
    ];
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** A round that takes longer than its interval costs the next one. */
  #every(seconds: number, isDue: (address: Address) => boolean): NodeJS.Timeout[] {
    if (seconds === 0) return [];
    let isRunning = false;
    const timer = setInterval(
      () => {
        if (isRunning) return;
        isRunning = true;
        void this.#round(isDue).finally(() => (isRunning = false));
      },
      Math.max(seconds * 1000, INTERVAL_MIN_MS),
    );
    timer.unref();
    return [timer];
  }

  async #round(isDue: (address: Address) => boolean): Promise<void> {
    const balancer = this.#balancer;
    const plan = this.#plan;
    if (balancer === undefined || plan === undefined) return;
    await balancer.settle();
    const due = balancer.addresses().filter(isDue);
    const note = reporter(balancer.upstream.healthchecks.active, balancer.board);
    const { concurrency } = balancer.upstream.healthchecks.active;
    let next = 0;
    const work = async (): Promise<void> => {
      for (let address = due[next++]; address !== undefined; address = due[next++]) {
        // oxlint-disable-next-line no-await-in-loop -- `concurrency` is how many run at the same time
        const finding: Finding = await probe(plan, address.peer, address.host);
        if (!this.#isStopped) note(address.record, finding);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, due.length) }, work));
  }
}
