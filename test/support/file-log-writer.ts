/** One of several processes that log to one file: 200 records of several kilobytes. */
import {
  FakeContext,
  fakeBuild,
  fakeOutcome,
} from '../../src/gateway/fake-context.test.fixture.ts';
import { fileLog } from '../../src/plugins/file-log/index.ts';

const [path = '', name = ''] = process.argv.slice(2);
const phases = fileLog.compile({ path, reopen: false, custom_fields_by_lua: null }, fakeBuild());
for (let i = 0; i < 200; i++) {
  const request = { target: `/${name}/${i}`, headers: ['x-filler', 'x'.repeat(6000)] };
  phases.log?.(new FakeContext(request), fakeOutcome());
  // oxlint-disable-next-line no-await-in-loop -- so that the processes write by turns
  if (i % 5 === 0) await new Promise(setImmediate);
}
await phases.close?.();
