/** What every measured process does beside its work: say where it listens, how much CPU it has used, and for how long it was deaf. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;

/** Tells the parent the port and answers its questions. CPU time is user and system, in microseconds. */
export function report(port) {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  process.on('message', (question) => {
    if (question === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send({ cpuUs: user + system });
    }
    // Since it was asked last. The histogram holds the pause itself: its resolution is taken off.
    if (question === 'loop') {
      const ms = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
      process.send({ p99Ms: ms(loop.percentile(99)), maxMs: ms(loop.max) });
      loop.reset();
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({ port });
}
