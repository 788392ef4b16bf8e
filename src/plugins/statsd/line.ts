/** One line of the StatsD protocol, with tags in the style of the server. */
import type { StatsdConfig } from '../../config/schema-types.ts';

type Metric = NonNullable<StatsdConfig['metrics']>[number];

const TYPES: Readonly<Record<Metric['stat_type'], string>> = {
  counter: 'c',
  gauge: 'g',
  histogram: 'h',
  meter: 'm',
  set: 's',
  timer: 'ms',
};

/** What is `undefined` is left out. */
export type Tags = readonly (readonly [name: string, value: string | undefined])[];

export interface LineOptions {
  readonly prefix: string;
  readonly sampleRate: number | undefined;
  readonly tagStyle: NonNullable<StatsdConfig['tag_style']> | undefined;
}

type Write = (
  stat: string,
  value: number | string,
  type: Metric['stat_type'],
  tags?: Tags,
) => string;

/** The rate is only told, as in Kong: every request is counted. */
export function lineFormat({ prefix, sampleRate, tagStyle }: LineOptions): Write {
  return (stat, value, type, tags) => {
    const kind = TYPES[type];
    const rate = sampleRate === undefined || sampleRate === 1 ? '' : `|@${sampleRate}`;
    const name = `${prefix}.${stat}`;
    const end = `:${value}|${kind}${rate}`;
    if (tags === undefined) return name + end;
    switch (tagStyle) {
      case 'dogstatsd':
        return `${name}${end}|#${joined(tags, ':')}`;
      case 'influxdb':
        return `${name},${joined(tags, '=')}${end}`;
      case 'librato':
        return `${name}#${joined(tags, '=')}${end}`;
      case 'signalfx':
        return `${name}[${joined(tags, '=')}]${end}`;
      case undefined:
        return name + end;
    }
  };
}

const joined = (tags: Tags, sign: string): string =>
  tags.flatMap(([name, value]) => (value === undefined ? [] : [name + sign + value])).join(',');
