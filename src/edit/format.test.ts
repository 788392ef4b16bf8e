/** `fmt`: the order and style of documents, and what formatting must never change. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  array,
  assert as checkProperty,
  asyncProperty,
  boolean,
  constantFrom,
  record,
  shuffledSubarray,
} from 'fast-check';
import { parseText } from '../config/parse.ts';
import { formatText } from './format.ts';
import { UneditableTextError, commentsOf } from './yaml-text.ts';

const format = (text: string) => formatText(text, 'kong.yaml');

const MESSY = `# The gateway of the shop
plugins:
- config: {key_names: [apikey], hide_credentials: yes}   # flow stays flow
  name: key-auth
services: # all of them

-   routes:
    -   strip_path: off
        # where it is
        paths:
        - '/a'
        name:    r  # its name
    port: 010
    url:
    host: a.test
    # who it is
    name: "s"
    tags: ~
  # after the service
_format_version: "3.0"
unknown: 1
`;

const CLEAN = `_format_version: "3.0"
services:
  # all of them

  - # who it is
    name: "s"
`;

test('members are in the order of the schemas, names first, and comments go with them', async () => {
  const formatted = await format(MESSY);
  const lines = formatted.split('\n').map((line) => line.trim());
  const order = (...words: readonly string[]): void => {
    const places = words.map((word) => lines.findIndex((line) => line.includes(word)));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      formatted,
    );
    assert.ok(!places.includes(-1), formatted);
  };
  order('# The gateway', '_format_version', 'services:', 'plugins:', 'unknown');
  order('# who it is', 'name: "s"', 'url:', 'host: a.test', 'port: 010', 'tags: ~', 'routes:');
  order('name: r # its name', 'strip_path: off', '# where it is', 'paths:');
  order('name: key-auth', 'config:');
});

test('what is canonical stays as it is', async () => {
  const once = await format(CLEAN);
  assert.equal(await format(once), once);
});

test('anchors come before their aliases, and merges first', async () => {
  const text = `_format_version: "3.0"
plugins:
- &auth { name: key-auth }
services:
- <<: &base { host: h }
  name: s
  plugins: [*auth]
`;
  const formatted = await format(text);
  assert.ok(formatted.indexOf('&auth') < formatted.indexOf('*auth'), formatted);
  assert.match(formatted, /- <<: &base/);
});

test('JSON stays JSON', async () => {
  const formatted = await format('{"services":[{"host":"h","name":"s"}],"_format_version":"3.0"}');
  assert.equal(
    formatted,
    '{\n  "_format_version": "3.0",\n  "services": [\n    {\n      "name": "s",\n      "host": "h"\n    }\n  ]\n}\n',
  );
});

test('of several documents only one would be loaded: they are not formatted', async () => {
  await assert.rejects(format('a: 1\n---\nb: 2\n'), UneditableTextError);
});

const ROOT = join(import.meta.dirname, '../..');

/** Every complete document of the project, and texts that grow out of messy pieces. */
const EXAMPLES = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('kong.yaml'))
  .map((file) => readFileSync(join(ROOT, 'examples', file), 'utf8'));

const sorted = async (from: string) =>
  (await commentsOf(from)).toSorted((a, b) => (a < b ? -1 : 1));

async function holds(text: string): Promise<void> {
  const formatted = await format(text);
  assert.equal(await format(formatted), formatted, 'formatting again changes nothing');
  assert.deepEqual(parseText(formatted, 'auto', '').value, parseText(text, 'auto', '').value);
  assert.deepEqual(await sorted(formatted), await sorted(text));
}

for (const [index, text] of [
  MESSY,
  CLEAN,
  readFileSync(join(ROOT, 'kong.yaml'), 'utf8'),
  ...EXAMPLES,
].entries()) {
  test(`the meaning and every comment of document ${index} stay`, () => holds(text));
}

const SCALARS = [
  'x',
  "'y z'",
  '"q\\n"',
  '010',
  'yes',
  '~',
  '',
  '1:30',
  '|\n{I}  a\n{I}   b',
  '>-\n{I}  f\n{I}  g',
  '[a, b]',
  '{k: v}',
  '!!str 5',
];

const entity = record({
  members: shuffledSubarray(['name', 'host', 'port', 'tags', 'path', '_comment', 'zzz'], {
    minLength: 1,
  }),
  scalars: array(constantFrom(...SCALARS), { minLength: 7, maxLength: 7 }),
  comments: array(constantFrom('', '# c1', '# c2', '\n', '\n# c3'), {
    minLength: 7,
    maxLength: 7,
  }),
  inline: boolean(),
});

test('the meaning and every comment of any document stay', async () => {
  await checkProperty(
    asyncProperty(
      array(entity, { minLength: 1, maxLength: 4 }),
      boolean(),
      async (entities, header) => {
        const items = entities.map(({ members, scalars, comments, inline }) =>
          members
            .map((name, index) => {
              const indent = index === 0 ? '- ' : '  ';
              const value = (scalars[index] ?? '').replaceAll('{I}', '  ');
              const isBlock = /^[|>]/.test(value);
              const tail = inline && !isBlock ? ' # inline' : '';
              const before = (comments[index] ?? '').replace('#', '  #');
              const lead = index === 0 || before === '' ? '' : `${before}\n`;
              return `${lead}${indent}${name}: ${value}${tail}`;
            })
            .join('\n'),
        );
        const version = '_format_version: "3.0"';
        const text = `${header ? `# top\n${version}\n` : ''}services:\n${items.join('\n')}\n${header ? '' : `${version}\n`}# end\n`;
        await holds(text);
      },
    ),
    { numRuns: 150 },
  );
});
