/** The bot-detection plugin: known bots, own lists, hostile agents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, runPlugin, testFields } from '../../gateway/plugin-run.test.fixture.ts';
import { botDetection } from './index.ts';
import { isKnownBot } from './known-bots.ts';

const agent = (value: string) => ({ headers: ['User-Agent', value] });

testFields(botDetection, [
  {
    field: 'allow',
    set: { allow: ['^Googlebot/'] },
    request: agent('Googlebot/2.1'),
    expect: ({ answer }) => assert.equal(answer, undefined),
  },
  {
    field: 'deny',
    set: { deny: ['c[u]rl'] },
    request: agent('curl/8.5.0'),
    expect: ({ answer }) =>
      assert.deepEqual(answer, { kind: 'error', status: 403, message: undefined, headers: [] }),
  },
]);

const PEOPLE = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'curl/8.5.0',
  'Wget/1.21.4',
  'python-requests/2.32.3',
  'undici',
  'CUBOT X18',
  '',
];
const BOTS = [
  'Googlebot/2.1 (+http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0)',
  'facebookexternalhit/1.1',
  'Go-http-client/1.1',
  'okhttp/4.12.0',
  'axios/1.7.2',
  'Python-urllib/3.11',
  'Apache-HttpClient/4.5',
  'Boto3/1.34 md/Botocore',
  'aws-sdk-nodejs/2.1',
  'Scrapy/2.11 (+https://scrapy.org)',
  'my-crawler',
  'SPIDER',
  'SomeBot/1.0',
  'Mozilla/5.0 Foo Indexer 3',
  'Mozilla/5.0 Google (+https://developers.google.com/+/web/snippet/)',
  'Mozilla/4.0 (compatible; MSIE 6.0; MSIECrawler)',
  '  Slurp ',
];

for (const [agents, passes] of [
  [PEOPLE, true],
  [BOTS, false],
] as const) {
  for (const name of agents) {
    test(`${JSON.stringify(name)} ${passes ? 'passes' : 'is a bot'}`, async () => {
      const { answer } = await runPlugin(botDetection, {}, { request: agent(name) });
      assert.equal(answer?.status, passes ? undefined : 403);
    });
  }
}

test('no agent passes; two are refused', async () => {
  assert.equal((await runPlugin(botDetection, {})).answer, undefined);
  const headers = ['User-Agent', 'curl', 'user-agent', 'curl'];
  const { answer } = await runPlugin(botDetection, {}, { request: { headers } });
  assert.deepEqual(answer, {
    kind: 'error',
    status: 400,
    message: 'Only one User-Agent header allowed',
    headers: [],
  });
});

test('what is allowed goes before what is denied, and patterns see UTF-8', async () => {
  const config = { allow: ['^né'], deny: ['é$', 'né'] };
  const run = async (name: string) =>
    (
      await runPlugin(botDetection, config, {
        request: agent(Buffer.from(name).toString('latin1')),
      })
    ).answer?.status;
  assert.equal(await run('né'), undefined);
  assert.equal(await run('café'), 403);
});

test('the longest agent a client can send is judged at once', () => {
  const pieces = [
    'Google',
    'MSIE 1.0;',
    '/a',
    'w',
    'Microsoft ',
    'archive',
    'Accoona-',
    ' PTST/1',
    'crawl',
    'favicon',
  ];
  for (const piece of pieces) {
    const hostile = piece.repeat(8192 / piece.length);
    const started = performance.now();
    isKnownBot(hostile);
    const took = performance.now() - started;
    assert.ok(took < 100, `${piece}: ${took} ms`);
  }
});

test('a pattern that is none is refused when the config loads', () => {
  assert.deepEqual(problemsOf(botDetection, { deny: ['a', '('] }), [
    'config.deny.1: not a valid regex: (',
  ]);
  assert.match(
    problemsOf(botDetection, { allow: ['a(?!b)'] })[0] ?? '',
    /^config\.allow\.0: .*look-around/,
  );
});
