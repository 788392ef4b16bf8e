/** The store and the text format: sums, differences, limits, escapes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePrometheus } from '../../test/support/prometheus-text.ts';
import { familyText, gaugeText } from './exposition.ts';
import { createMetricStore, type CounterFamily, type HistogramFamily } from './store.ts';

const COUNTER: CounterFamily = { kind: 'counter', name: 'c', help: 'a\\b\nc', labels: ['name'] };
const HISTOGRAM: HistogramFamily = {
  kind: 'histogram',
  name: 'h',
  help: 'Times',
  labels: ['name'],
  buckets: [1, 5],
};

test('labels of any text, and histograms whose buckets hold the ones below them', () => {
  const store = createMetricStore();
  const nasty = 'a"b\\c\nd{},= ü';
  store.meter(COUNTER, [nasty]).add(2);
  const times = store.meter(HISTOGRAM, ['x']);
  for (const time of [0, 1, 3, 100]) times.add(time);
  const text = familyText(COUNTER, store.series()) + familyText(HISTOGRAM, store.series());
  const families = parsePrometheus(text);
  assert.equal(families.get('c')?.help, 'a\\\\b\\nc');
  assert.deepEqual(
    [...(families.get('c')?.samples.entries() ?? [])],
    [[`c{name="a\\"b\\\\c\\nd{},= ü"}`, 2]],
  );
  assert.deepEqual(
    [...(families.get('h')?.samples.entries() ?? [])],
    [
      ['h_bucket{name="x",le="1"}', 2],
      ['h_bucket{name="x",le="5"}', 3],
      ['h_bucket{name="x",le="+Inf"}', 4],
      ['h_count{name="x"}', 4],
      ['h_sum{name="x"}', 104],
    ],
  );
});

test('families without samples are left out', () => {
  assert.equal(familyText(COUNTER, []), '');
  assert.equal(familyText(HISTOGRAM, []), '');
  assert.equal(gaugeText({ ...COUNTER, kind: 'gauge' }, []), '');
});

test('what is taken is a difference, and differences add up elsewhere', () => {
  let wakes = 0;
  const worker = createMetricStore(() => wakes++);
  const primary = createMetricStore();
  const meter = worker.meter(COUNTER, ['x']);
  for (const round of [1, 2, 3]) {
    meter.add(round);
    meter.add(round);
    worker.meter(HISTOGRAM, ['x']).add(3);
    primary.merge(structuredClone(worker.take()));
    assert.equal(wakes, round);
  }
  assert.deepEqual(worker.take(), []);
  const states = primary.series().map(({ values }) => [...values]);
  assert.deepEqual(states, [[12], [0, 3, 0, 9]]);
});

test('series have a limit, and what is beyond it is counted', () => {
  const store = createMetricStore();
  for (let i = 0; i < 50_003; i++) store.meter(COUNTER, [String(i)]).add(1);
  assert.equal(store.series().length, 50_000);
  assert.equal(store.rejected, 3);
});
