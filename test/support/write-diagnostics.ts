/** Writes the expected half of the golden reports anew: read the difference before it is committed. */
import { writeFileSync } from 'node:fs';
import { GOLDEN, goldenCases, reportOf } from './diagnostics.ts';

const words = process.argv.slice(2);

for (const { name, input } of goldenCases()) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  // oxlint-disable-next-line no-await-in-loop -- one gateway at a time
  const report = await reportOf(input);
  writeFileSync(new URL(name, GOLDEN), `${input}${'-'.repeat(40)}\n${report}`);
}
