/** Stories of writes: calls with their answers, and a fresh start that shows the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { member, writableGateway, type WriteAnswer } from './admin-write.ts';

interface Step {
  readonly call: readonly [method: string, path: string, body?: object];
  readonly status: number;
  /** Members of the answer. */
  readonly has?: Readonly<Record<string, unknown>>;
}

export interface Story {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Lists that a fresh start must show alike. */
  readonly lists: readonly string[];
}

export const form = (text: string): URLSearchParams => new URLSearchParams(text);

const withoutLoad = ({ text }: WriteAnswer): string =>
  text.replaceAll(/,?"updated_at":[\d.]+/g, '');

/** One test per story. */
export function testStories(stories: readonly Story[]): void {
  for (const { name, steps, lists } of stories) {
    test(`written: ${name}`, async (t) => {
      const gateway = await writableGateway(t, {
        files: { 'kong.yaml': '# head\n_format_version: "3.0" # version\n# foot\n' },
      });
      for (const { call, status, has = {} } of steps) {
        const answer = await gateway.ask(...call);
        const shown = `${call[0]} ${call[1]}: ${answer.text}`;
        assert.equal(answer.status, status, shown);
        for (const [field, value] of Object.entries(has)) {
          assert.deepEqual(member(answer.json, field), value, `${field} of ${shown}`);
        }
      }
      const text = gateway.text();
      for (const comment of ['# head', '# version', '# foot'])
        assert.ok(text.includes(comment), text);
      const again = await gateway.restarted();
      for (const list of lists) {
        const [before, after] = [await gateway.ask('GET', list), await again.ask('GET', list)];
        assert.equal(withoutLoad(after), withoutLoad(before), text);
      }
    });
  }
}
