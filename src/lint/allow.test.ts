/** Which warnings a comment allows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintText, placesOf } from './lint.test.fixture.ts';

/** An entry without `exp` (SB2001) and with tokens in the query (SB2002), both at line 7. */
const document = (before = '', behind = '', top = '_format_version: "3.0"'): string => `${top}
services:
  - name: orders
    url: http://orders:80
    routes: [{ name: orders, paths: [/orders] }]
    plugins:
${before === '' ? '' : `      ${before}\n`}      - name: jwt${behind}
`;

const CASES: readonly {
  readonly name: string;
  readonly text: string;
  readonly left: readonly string[];
}[] = [
  { name: 'nothing is allowed', text: document(), left: ['SB2001:7', 'SB2002:7'] },
  {
    name: 'behind the value',
    text: document('', ' # silverback-allow SB2001'),
    left: ['SB2002:7'],
  },
  {
    name: 'on the line above, with a reason',
    text: document('# silverback-allow SB2001 -- see the wiki'),
    left: ['SB2002:8'],
  },
  {
    name: 'several codes',
    text: document('# silverback-allow SB2001, SB2002'),
    left: [],
  },
  {
    name: 'above another comment',
    text: document('# silverback-allow SB2001,SB2002\n      # the tokens of machines'),
    left: [],
  },
  {
    name: 'only what is named',
    text: document('', ' # silverback-allow SB2003'),
    left: ['SB2001:7', 'SB2002:7', 'SB2090:7'],
  },
  {
    name: 'not from afar',
    text: document('', '', '# silverback-allow SB2001\n_format_version: "3.0"'),
    left: ['SB2090:1', 'SB2001:8', 'SB2002:8'],
  },
  {
    name: 'in the whole file',
    text: document('', '', '_format_version: "3.0" # silverback-allow-file SB2001, SB2002'),
    left: [],
  },
  {
    name: 'not without a space before the sign',
    text: document('', '', '_comment: a#silverback-allow SB2001\n_format_version: "3.0"'),
    left: ['SB2001:8', 'SB2002:8'],
  },
  {
    name: 'not in a text',
    text: document('', '', '_comment: "a # silverback-allow-file SB2001"\n_format_version: "3.0"'),
    left: ['SB2001:8', 'SB2002:8'],
  },
];

for (const { name, text, left } of CASES) {
  test(`allowed ${name}`, async () => assert.deepEqual(placesOf(await lintText(text)), left));
}

test('codes of the command line allow everywhere, and say when they are of no use', async () => {
  const found = await lintText(document(), { allow: ['SB2001', 'SB2003', 'SB9'] });
  assert.deepEqual(placesOf(found), ['SB2090', 'SB2091', 'SB2002:7']);
});

test('a key of several lines is allowed above its name', async () => {
  const text = `_format_version: "3.0"
services:
  - name: orders
    url: http://orders:80
    routes:
      - name: orders
        # silverback-allow SB2020
        paths:
          - >-
            /orders/[0-9]+
`;
  assert.deepEqual(placesOf(await lintText(text)), ['SB2090:7', 'SB2020:10']);
  const near = text.replace(
    '          - >-',
    '          # silverback-allow SB2020\n          - >-',
  );
  assert.deepEqual(placesOf(await lintText(near)), ['SB2090:7']);
});
