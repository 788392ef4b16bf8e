/** Tests that need a program from outside say so by name; a machine without it skips them, CI fails them. */
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** True when `program` can be run. Otherwise skips the test, or throws when the environment has `CI=true`. */
export function hasProgram(t: TestContext, program: string): boolean {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return true;
  if (process.env['CI'] === 'true') throw new Error(`${program} is not installed`);
  t.skip(`needs ${program}`);
  return false;
}
