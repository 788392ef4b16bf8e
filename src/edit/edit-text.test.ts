/** Texts with some values changed: everything else keeps its bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editText, UneditableTextError, type ValueEdit } from './edit-text.ts';

const set = (
  path: ValueEdit['path'],
  value: Extract<ValueEdit, { op: 'set' }>['value'],
): ValueEdit => ({
  op: 'set',
  path,
  value,
});
const remove = (...path: ValueEdit['path']): ValueEdit => ({ op: 'remove', path });
const append = (
  path: ValueEdit['path'],
  value: Extract<ValueEdit, { op: 'append' }>['value'],
): ValueEdit => ({
  op: 'append',
  path,
  value,
});

interface Case {
  readonly name: string;
  readonly text: string;
  readonly edits: readonly ValueEdit[];
  readonly expected: string;
}

const CASES: readonly Case[] = [
  {
    name: 'the first list of a file with a version and a comment',
    text: '# mine\n_format_version: "3.0" # keep\n',
    edits: [append(['services'], { name: 'pay', url: 'http://pay.test:80/x' })],
    expected:
      '# mine\n_format_version: "3.0" # keep\nservices:\n  - name: pay\n    url: http://pay.test:80/x\n',
  },
  {
    name: 'a file of nothing but comments',
    text: '# mine\n',
    edits: [set(['_format_version'], '3.0'), append(['consumers'], { username: 'ann' })],
    expected: '# mine\n_format_version: "3.0"\nconsumers:\n  - username: ann\n',
  },
  {
    name: 'an element behind the comments of the last, in the file’s own indentation',
    text: 'services:\n- name: a\n  host: b # c\n  # of a\n# of plugins\nplugins: []\n',
    edits: [append(['services'], { name: 'd', host: 'e' }), append(['plugins'], { name: 'jwt' })],
    expected:
      'services:\n- name: a\n  host: b # c\n  # of a\n- name: d\n  host: e\n# of plugins\nplugins:\n- name: jwt\n',
  },
  {
    name: 'an element keeps the blank lines between elements',
    text: 'services:\n  - name: a\n    host: b\n\n  - name: c\n    host: d\n',
    edits: [append(['services'], { name: 'e', host: 'f' })],
    expected:
      'services:\n  - name: a\n    host: b\n\n  - name: c\n    host: d\n\n  - name: e\n    host: f\n',
  },
  {
    name: 'a field goes in front of the lists of children',
    text: 'services:\n  - name: a\n    host: b # c\n    routes:\n      - name: r\n        paths: [/r]\n',
    edits: [
      set(['services', 0, 'retries'], 2),
      set(['services', 0, 'routes', 0, 'paths'], ['/r', '/s']),
    ],
    expected:
      'services:\n  - name: a\n    host: b # c\n    retries: 2\n    routes:\n      - name: r\n        paths: [/r, /s]\n',
  },
  {
    name: 'values keep their quotes',
    text: 'a: "x" # 1\nb: \'y\' # 2\nc: z # 3\nd: 4 # 4\ne:\nf: true\n',
    edits: [
      set(['a'], 'X'),
      set(['b'], "it's"),
      set(['c'], 'no'),
      set(['d'], 5),
      set(['e'], 'E'),
      set(['f'], false),
    ],
    expected: 'a: "X" # 1\nb: \'it\'\'s\' # 2\nc: "no" # 3\nd: 5 # 4\ne: E\nf: false\n',
  },
  {
    name: 'an element and the comment above it go, others stay',
    text: 'consumers:\n  # ann\n  - username: ann\n    # inside\n  # bob\n  - username: bob # b\n',
    edits: [remove('consumers', 0)],
    expected: 'consumers:\n  # bob\n  - username: bob # b\n',
  },
  {
    name: 'the last element leaves an empty list',
    text: 'a: 1\nconsumers:\n  - username: ann\nb: 2\n',
    edits: [remove('consumers', 0)],
    expected: 'a: 1\nconsumers: []\nb: 2\n',
  },
  {
    name: 'members behind a dash',
    text: 'services:\n  - name: a\n    url: u # u\n    path: p\n',
    edits: [remove('services', 0, 'name'), remove('services', 0, 'url')],
    expected: 'services:\n  - path: p\n',
  },
  {
    name: 'a member behind a dash with a comment after it',
    text: 'services:\n  - name: a\n    # about u\n    url: u\n',
    edits: [remove('services', 0, 'name')],
    expected: 'services:\n  -\n    # about u\n    url: u\n',
  },
  {
    name: 'a key in lines',
    text: 'a:\n  - key: k\n    pem: |\n      one\n      two\n    z: 1\n',
    edits: [set(['a', 0, 'pem'], '-----BEGIN X\nyy\n-----END X\n'), set(['a', 0, 'q'], 'm\nn')],
    expected:
      'a:\n  - key: k\n    pem: |\n      -----BEGIN X\n      yy\n      -----END X\n    z: 1\n    q: |-\n      m\n      n\n',
  },
  {
    name: 'references and templates elsewhere are not touched',
    text: 'a: ${A}\nb: ${{ env "DECK_B" }}\nc: 1\nd: ${{ env "DECK_D" | toInt }}\n',
    edits: [remove('b'), set(['c'], '${{ env "DECK_X" }}')],
    expected: 'a: ${A}\nc: "\\u0024{{ env \\"DECK_X\\" }}"\nd: ${{ env "DECK_D" | toInt }}\n',
  },
  {
    name: 'an alias that changes alone',
    text: 'a:\n  - &one { name: x, tags: [t] }\n  - *one\n',
    edits: [set(['a', 1, 'name'], 'y')],
    expected: 'a:\n  - &one { name: x, tags: [t] }\n  - name: y\n    tags:\n      - t\n',
  },
  {
    name: 'an anchor whose aliases stay what they are',
    text: 'a:\n  - &one\n    name: x\n  - *one # same\n',
    edits: [set(['a', 0, 'name'], 'y')],
    expected: 'a:\n  - &one\n    name: y\n  - { name: x } # same\n',
  },
  {
    name: 'brackets',
    text: 'services: [{ name: a, host: b }, { name: c, host: d }] # s\n',
    edits: [
      set(['services', 0, 'port'], 80),
      remove('services', 1, 'name'),
      append(['services'], { name: 'e e' }),
    ],
    expected: 'services: [{ name: a, host: b, port: 80 }, { host: d }, { name: "e e" }] # s\n',
  },
  {
    name: 'JSON',
    text: '{\n  "services": [\n    {\n      "name": "a",\n      "host": "b"\n    }\n  ],\n  "plugins": []\n}\n',
    edits: [
      append(['services'], { name: 'c' }),
      append(['plugins'], { name: 'jwt' }),
      set(['services', 0, 'port'], 80),
    ],
    expected:
      '{\n  "services": [\n    {\n      "name": "a",\n      "host": "b",\n      "port": 80\n    },\n    {\n      "name": "c"\n    }\n  ],\n  "plugins": [\n    {\n      "name": "jwt"\n    }\n  ]\n}\n',
  },
  {
    name: 'lines that end as on Windows, and no end at the end',
    text: 'a: 1\r\nlist:\r\n  - x: 1',
    edits: [append(['list'], { x: 2, y: 3 }), set(['a'], 2)],
    expected: 'a: 2\r\nlist:\r\n  - x: 1\r\n  - x: 2\r\n    y: 3',
  },
  {
    name: 'a record inside of one that is not there yet',
    text: 'plugins:\n  - name: x\n',
    edits: [
      set(['plugins', 0, 'config', 'redis', 'host'], 'h'),
      set(['plugins', 0, 'config', 'redis', 'port'], 1),
    ],
    expected:
      'plugins:\n  - name: x\n    config:\n      redis:\n        host: h\n        port: 1\n',
  },
];

for (const { name, text, edits, expected } of CASES) {
  test(`edited: ${name}`, () => assert.equal(editText(text, edits, 'kong.yaml'), expected));
}

test('a merge that others use is not edited silently', () => {
  const text = 'a:\n  - &one\n    name: x\n  - <<: *one\n    y: 1\n';
  assert.throws(() => editText(text, [set(['a', 0, 'name'], 'z')], 'f'), UneditableTextError);
  const own = editText(text, [set(['a', 1, 'name'], 'z')], 'f');
  assert.equal(own, 'a:\n  - &one\n    name: x\n  - <<: *one\n    y: 1\n    name: z\n');
});
