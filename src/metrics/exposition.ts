/** Metrics as text in the Prometheus exposition format, version 0.0.4. */
import type { MetricFamily, SeriesState } from './store.ts';

/** A gauge as it is at the moment of the scrape. */
export interface GaugeFamily {
  readonly kind: 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export interface Sample {
  readonly labels: readonly string[];
  readonly value: number;
}

/** A help line has no line ends (backslashes and those are escaped). */
const helpText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const labelText = (text: string): string => helpText(text).replaceAll('"', '\\"');

function head({ name, help, kind }: MetricFamily | GaugeFamily): string {
  return `# HELP ${name} ${helpText(help)}\n# TYPE ${name} ${kind}\n`;
}

function line(name: string, pairs: readonly (readonly [string, string])[], value: number): string {
  const labels = pairs.map(([label, text]) => `${label}="${labelText(text)}"`).join(',');
  return `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`;
}

const pairsOf = (
  names: readonly string[],
  values: readonly string[],
): readonly (readonly [string, string])[] =>
  names.map((name, i): [string, string] => [name, values[i] ?? '']);

/** Also a counter whose number is known. Nothing without samples. */
export function gaugeText(family: GaugeFamily | MetricFamily, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels, value }) =>
    line(family.name, pairsOf(family.labels, labels), value),
  );
  return head(family) + lines.join('');
}

/** A family with all of its series. Nothing without them. */
export function familyText(family: MetricFamily, all: readonly SeriesState[]): string {
  const series = all.filter((state) => state.family === family.name);
  if (family.kind === 'counter') {
    return gaugeText(
      family,
      series.map(({ labels, values }) => ({ labels, value: values[0] ?? 0 })),
    );
  }
  if (series.length === 0) return '';
  const { name, buckets } = family;
  const lines = series.flatMap(({ labels, values }) => {
    const pairs = pairsOf(family.labels, labels);
    let below = 0;
    const counts = [...buckets.map(String), '+Inf'].map((bound, i) => {
      below += values[i] ?? 0;
      return line(`${name}_bucket`, [...pairs, ['le', bound]], below);
    });
    const sum = line(`${name}_sum`, pairs, values.at(-1) ?? 0);
    return [...counts, line(`${name}_count`, pairs, below), sum];
  });
  return head(family) + lines.join('');
}
