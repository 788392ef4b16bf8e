/**
 * Counters and histograms of a process. What workers count travels to the primary as differences, so
 * that the sums there never go back when a worker ends.
 */

export interface CounterFamily {
  readonly kind: 'counter';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export interface HistogramFamily {
  readonly kind: 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, growing; the infinite one is added. */
  readonly buckets: readonly number[];
}

export type MetricFamily = CounterFamily | HistogramFamily;

/**
 * One series. A counter has one number; a histogram those of its buckets, each without the ones below
 * it, then the infinite one, then the sum.
 */
export interface SeriesState {
  readonly family: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
}

/** Counts one series; made once and kept by who counts. */
export interface Meter {
  /** Counter: adds `value`. Histogram: observes it. */
  add(value: number): void;
}

export interface Metrics {
  meter(family: MetricFamily, labels: readonly string[]): Meter;
}

export interface MetricStore extends Metrics {
  /** Of all families, in the order in which they came. */
  series(): readonly SeriesState[];
  /** What was counted since the last call; the store then has nothing. */
  take(): readonly SeriesState[];
  /** Adds what another process counted. */
  merge(states: readonly SeriesState[]): void;
  /** Series that were not kept because there are too many. */
  readonly rejected: number;
}

/** Names in a config are the labels, so that a limit is only met by one that changes without end. */
const SERIES_MAX = 50_000;

class Series implements Meter {
  readonly family: string;
  readonly labels: readonly string[];
  readonly values: number[];
  readonly #buckets: readonly number[] | undefined;
  readonly #touched: (series: Series) => void;
  isDirty = false;

  constructor(
    { family, labels, values }: SeriesState,
    buckets: readonly number[] | undefined,
    touched: (series: Series) => void,
  ) {
    this.family = family;
    this.labels = labels;
    this.values = [...values];
    this.#buckets = buckets;
    this.#touched = touched;
  }

  add(value: number): void {
    if (this.#buckets === undefined) this.#count(0, value);
    else {
      const at = this.#buckets.findIndex((bound) => value <= bound);
      this.#count(at === -1 ? this.#buckets.length : at, 1);
      this.#count(this.values.length - 1, value);
    }
    if (!this.isDirty) this.#touched(this);
  }

  merge(values: readonly number[]): void {
    for (const [i, value] of values.entries()) this.#count(i, value);
    if (!this.isDirty) this.#touched(this);
  }

  #count(i: number, value: number): void {
    this.values[i] = (this.values[i] ?? 0) + value;
  }
}

const NO_METER: Meter = { add() {} };

/** @param wake runs when something was counted for the first time since `take` */
export function createMetricStore(wake: () => void = () => {}): MetricStore {
  const all = new Map<string, Series>();
  let dirty: Series[] = [];
  let rejected = 0;

  function touched(series: Series): void {
    series.isDirty = true;
    dirty.push(series);
    if (dirty.length === 1) wake();
  }

  function find(state: SeriesState, buckets: readonly number[] | undefined): Series | undefined {
    const key = [state.family, ...state.labels].join('\0');
    const known = all.get(key);
    if (known !== undefined) return known;
    if (all.size >= SERIES_MAX) {
      rejected++;
      return undefined;
    }
    const made = new Series(state, buckets, touched);
    all.set(key, made);
    return made;
  }

  return {
    meter(family, labels) {
      const buckets = family.kind === 'histogram' ? family.buckets : undefined;
      const length = buckets === undefined ? 1 : buckets.length + 2;
      const values = Array.from({ length }, () => 0);
      return find({ family: family.name, labels, values }, buckets) ?? NO_METER;
    },
    series: () => [...all.values()],
    take() {
      const taken = dirty.map(({ family, labels, values }) => ({
        family,
        labels,
        values: [...values],
      }));
      for (const series of dirty) {
        series.isDirty = false;
        series.values.fill(0);
      }
      dirty = [];
      return taken;
    },
    merge(states) {
      for (const state of states) {
        find({ ...state, values: state.values.map(() => 0) }, undefined)?.merge(state.values);
      }
    },
    get rejected() {
      return rejected;
    },
  };
}
