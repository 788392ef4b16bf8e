/** Waiting for what happens by itself, without knowing when. */
import { setTimeout as pause } from 'node:timers/promises';

const STEP_MS = 50;

/** Asks again and again until `holds`; throws after `timeoutMs`. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`nothing happened for ${timeoutMs} ms`);
    await pause(STEP_MS);
  }
}
