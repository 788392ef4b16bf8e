/**
 * How long `silverback validate` takes, start included: a small file and a large one, clean and with problems.
 * `npm run build && node --import tsx bench/validate.ts`; it ends with 1 where an aim is missed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '../dist/cli.js');
const ROUNDS = 7;

/** Written to stderr when the process ends: its CPU time in microseconds. */
const METER = `data:text/javascript,process.on('exit',()=>{const c=process.cpuUsage();process.stderr.write('\\ncpu '+(c.user+c.system)+'\\n')})`;

interface Case {
  readonly name: string;
  readonly text: string;
  /** Milliseconds. */
  readonly aim: number;
}

/** Eight lines a service, as people write them. */
function document(services: number, isBad: boolean): string {
  const list = Array.from(
    { length: services },
    (_, i) => `  - name: service-${i}
    url: http://upstream-${i}.internal:8080/base
    tags: [team-${i % 7}, production]
    routes:
      - name: route-${i}
        paths: [/api/v1/resource-${i}]
        ${isBad ? 'methodz' : 'methods'}: [GET, POST]
        strip_path: true
`,
  );
  return `_format_version: '3.0'\nservices:\n${list.join('')}`;
}

const CASES: readonly Case[] = [
  { name: '25 services, 200 lines', text: document(25, false), aim: 500 },
  { name: 'the same, a problem in each', text: document(25, true), aim: 500 },
  { name: '5,000 services, 40,000 lines', text: document(5000, false), aim: 2000 },
  { name: 'the same, a problem in each', text: document(5000, true), aim: 2000 },
];

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Milliseconds of one run: by the clock, and of CPU. */
function measure(file: string): { readonly wall: number; readonly cpu: number } {
  const begin = performance.now();
  const { stderr } = spawnSync(process.execPath, ['--import', METER, CLI, 'validate', file], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  const wall = performance.now() - begin;
  return { wall, cpu: Number(/cpu (\d+)/.exec(stderr)?.[1]) / 1000 };
}

const folder = mkdtempSync(join(tmpdir(), 'silverback-bench-'));
try {
  const lines = CASES.map(({ name, text, aim }, i) => {
    const file = join(folder, `${i}.yaml`);
    writeFileSync(file, text);
    const runs = Array.from({ length: ROUNDS }, () => measure(file));
    const wall = median(runs.map((run) => run.wall));
    const cpu = median(runs.map((run) => run.cpu));
    if (!(wall < aim)) process.exitCode = 1;
    return `| ${name.padEnd(28)} | ${wall.toFixed(0).padStart(7)} | ${cpu.toFixed(0).padStart(6)} | ${String(aim).padStart(6)} |`;
  });
  process.stdout.write(
    [
      '| file                         | ms wall | ms CPU | aim ms |',
      '| --- | --: | --: | --: |',
      ...lines,
      '',
    ].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
