/** A file written by hand, and what of it must still stand after its entities were written by the Admin API. */
import type { Entities } from '../writer.ts';

interface Block {
  /** Kind and endpoint key of the entity, and of those written inside of it. */
  readonly owners: readonly (readonly [kind: string, field: string, value: string])[];
  readonly lines: readonly string[];
}

const block = (
  owners: readonly (readonly [kind: string, field: string, value: string])[],
  text: string,
): Block => ({ owners, lines: text.split('\n') });

const FREE = (text: string): Block => block([], text);

/** What is proxied. */
const FIRST: readonly Block[] = [
  FREE(`# Written by hand: the head of the file.
_format_version: "3.0"   # and its version
`),
  FREE('# Everything that is proxied.\nservices:'),
  block(
    [
      ['services', 'name', 'pay'],
      ['routes', 'name', 'pay-r'],
    ],
    `  # About pay.
  - name: 'pay'          # in single quotes
    url: "http://pay.test:9000/v1"
    tags: [core,   "money: #1"]   # odd blanks

    routes:
      # About its route.
      - name: pay-r
        paths:
          - /pay         # the only path
          - '~/pay/\\d+$'`,
  ),
  block(
    [['services', 'name', 'other']],
    `  # About other.
  - { name: other, host: other.test }   # in flow style`,
  ),
];

/** Who may ask, and what answers. */
const SECOND: readonly Block[] = [
  FREE('\n# Everybody who may ask.\nconsumers:'),
  block(
    [
      ['consumers', 'username', 'ann'],
      ['jwt_secrets', 'key', 'ann-key'],
    ],
    `- username: ann   # not indented
  custom_id: "0042"
  jwt_secrets:
    # About her credential.
    - key: ann-key
      id: 0d5a1f64-3c55-4a57-9c1b-7e0d5a2b9f10
      secret: >-
        folded into
        one line`,
  ),
  FREE('upstreams:'),
  block(
    [
      ['upstreams', 'name', 'pool'],
      ['targets', 'target', '127.0.0.9:8000'],
    ],
    `    # About the pool, indented by four.
    - name: pool
      targets:
          - target: 127.0.0.9:8000   # the first
            weight: 0x10`,
  ),
  FREE('# The foot of the file.'),
];

const BLOCKS = [...FIRST, ...SECOND];

const textOf = (blocks: readonly Block[]): string =>
  `${blocks.flatMap(({ lines }) => lines).join('\n')}\n`;

/** All of it in one file. */
export const ONE_FILE: readonly string[] = [textOf(BLOCKS)];
/** The same in two. */
export const TWO_FILES: readonly string[] = [
  textOf(FIRST),
  `# The second file.\n_format_version: '3.0'\n${textOf(SECOND)}`,
];

const commentsOf = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /# [A-Za-z].*$/.exec(line.replace('#1', ''))?.[0] ?? []);

const ownersIn = (entities: Entities, { owners }: Block): readonly (string | undefined)[] =>
  owners.map(
    ([kind, field, value]) =>
      [...(entities.get(kind) ?? [])].find(([, row]) => row[field] === value)?.[0],
  );

export interface Watched {
  /** The first thing that should stand in the text and does not. `changed`: ids of written entities and their parents. */
  missingIn(text: string, changed: ReadonlySet<string>): string | undefined;
}

/** @param entities what the files mean */
export function watchComments(entities: Entities): Watched {
  const watched = BLOCKS.map((part) => ({ ...part, ids: ownersIn(entities, part) }));
  return {
    missingIn(text, changed) {
      for (const { lines, ids } of watched) {
        if (ids.some((id) => id === undefined || changed.has(id))) continue;
        const isFree = ids.length === 0;
        const wanted = isFree ? commentsOf(lines) : [lines.join('\n')];
        const missing = wanted.find((part) => !text.includes(part));
        if (missing !== undefined) return missing;
      }
      return undefined;
    },
  };
}
