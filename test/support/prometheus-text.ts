/** A strict reader of the Prometheus text format, version 0.0.4: throws for what a scraper may refuse. */
import assert from 'node:assert/strict';

export interface ParsedFamily {
  readonly help: string;
  readonly type: string;
  /** By name and labels as written. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\n"])*"';
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?[0-9.e+]+|\\+Inf|NaN)$`,
);

interface OpenFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: Map<string, number>;
}

/** Families by name. */
export function parsePrometheus(text: string): ReadonlyMap<string, ParsedFamily> {
  assert.ok(text.endsWith('\n'), 'the last line has an end');
  const families = new Map<string, OpenFamily>();
  let name = '';
  let help = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word, about = '', rest = ''] =
      new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line) ?? [];
    if (word === 'HELP') {
      assert.ok(!families.has(about), `${about} stands twice`);
      [name, help] = [about, rest];
    } else if (word === 'TYPE') {
      assert.equal(about, name, 'a type follows its help');
      assert.match(rest, /^(counter|gauge|histogram)$/);
      families.set(name, { help, type: rest, samples: new Map() });
    } else addSample(families, name, line);
  }
  for (const [family, { type, samples }] of families) {
    assert.ok(samples.size > 0, `${family} has samples`);
    if (type === 'histogram') checkHistogram(family, samples);
  }
  return families;
}

function addSample(families: ReadonlyMap<string, OpenFamily>, name: string, line: string): void {
  const [, sample = '', labels = '', value] =
    SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
  const family = families.get(name);
  assert.ok(family !== undefined, line);
  const suffix = family.type === 'histogram' ? sample.slice(name.length) : '';
  assert.ok(sample === name + suffix && /^(|_bucket|_sum|_count)$/.test(suffix), line);
  const names = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label);
  assert.equal(new Set(names).size, names.length, `a label stands twice: ${line}`);
  const key = `${sample}{${labels}}`;
  assert.ok(!family.samples.has(key), `a series stands twice: ${line}`);
  family.samples.set(key, Number(value === '+Inf' ? Infinity : value));
}

function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  let last = { series: '', bound: -Infinity, count: 0 };
  for (const [key, count] of samples) {
    const [, before = '', bound = ''] = /^\w+_bucket\{(.*),le="([^"]+)"\}$/.exec(key) ?? [];
    if (bound === '') continue;
    const now = { series: before, bound: bound === '+Inf' ? Infinity : Number(bound), count };
    if (now.series === last.series) {
      assert.ok(now.bound > last.bound && now.count >= last.count, key);
    } else assert.ok(last.series === '' || last.bound === Infinity, key);
    if (now.bound === Infinity) assert.equal(samples.get(`${name}_count{${before}}`), count);
    last = now;
  }
}
