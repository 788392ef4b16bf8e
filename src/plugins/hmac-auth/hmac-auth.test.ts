/** The hmac-auth plugin: signatures, dates, bodies, and hostile headers. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { HmacauthCredential } from '../../config/schema-types.ts';
import {
  fakeBuild,
  fakeConsumer,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import { problemsOf, runPlugin, testFields } from '../../gateway/plugin-run.test.fixture.ts';
import { hmacAuth } from './index.ts';
import { parseSignatureHeader } from './signature-header.ts';

const hal = fakeConsumer('hal');
const nobody = fakeConsumer('nobody');
const credential: HmacauthCredential = {
  id: 'id-of-hal',
  created_at: 0,
  consumer: { id: hal.id },
  username: 'hal',
  secret: 'geheimniß',
  tags: null,
};
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const build = fakeBuild({ consumers: [hal, nobody], hmacauth: [credential] }, () => NOW);
const DATE = new Date(NOW).toUTCString();

interface Signing {
  readonly signed?: string;
  readonly text?: string;
  readonly algorithm?: string;
  readonly header?: string;
  readonly date?: string;
  readonly more?: string[];
  readonly body?: string;
}

/** A request whose signature is right for `text`. */
function signedRequest({
  signed = 'date',
  date = DATE,
  text = `date: ${date}`,
  algorithm = 'sha256',
  header = 'Authorization',
  more = [],
  body = '',
}: Signing = {}): FakeRequest {
  const signature = createHmac(algorithm, 'geheimniß').update(text).digest('base64');
  const value = `hmac username="hal", algorithm="hmac-${algorithm}", headers="${signed}", signature="${signature}"`;
  return { target: '/a?b=%20', headers: ['Date', date, header, value, ...more], body };
}

const digestOf = (body: string): string[] => [
  'Digest',
  `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
];
const message = 'HMAC signature cannot be verified';
const refused = (text: string) => (observed: { answer: unknown }) => {
  assert.deepEqual(observed.answer, {
    kind: 'error',
    status: 401,
    message: text,
    headers: ['WWW-Authenticate', 'hmac'],
  });
};

testFields(hmacAuth, [
  {
    field: 'hide_credentials',
    set: { hide_credentials: true },
    request: signedRequest(),
    build,
    expect: ({ upstream }) => assert.deepEqual(upstream.headers, ['Date', DATE]),
  },
  {
    field: 'clock_skew',
    set: { clock_skew: 10 },
    request: signedRequest({ date: new Date(NOW - 11_000).toUTCString() }),
    build,
    expect: refused(
      `${message}, a valid date or x-date header is required for HMAC Authentication`,
    ),
  },
  {
    field: 'anonymous',
    set: { anonymous: 'nobody' },
    build,
    expect: ({ consumer, answer }) => assert.deepEqual([consumer, answer], ['nobody', undefined]),
  },
  {
    field: 'validate_request_body',
    set: { validate_request_body: true },
    request: signedRequest({ body: 'hello', more: digestOf('goodbye') }),
    build,
    expect: refused('HMAC signature does not match'),
  },
  {
    field: 'enforce_headers',
    set: { enforce_headers: ['date', 'request-line'] },
    request: signedRequest(),
    build,
    expect: refused(message),
  },
  {
    field: 'algorithms',
    set: { algorithms: ['hmac-sha512'] },
    request: signedRequest(),
    build,
    expect: refused(message),
  },
  {
    field: 'realm',
    set: { realm: 'safe' },
    build,
    expect: ({ answer }) =>
      assert.deepEqual(answer?.headers, ['WWW-Authenticate', 'hmac realm="safe"']),
  },
]);

const GOOD: readonly (readonly [string, Signing])[] = [
  ['a date', {}],
  ['sha1', { algorithm: 'sha1' }],
  ['sha384', { algorithm: 'sha384' }],
  ['sha512', { algorithm: 'sha512' }],
  ['the request line', { signed: 'request-line', text: 'GET /a?b=%20 HTTP/1.1' }],
  ['the request target', { signed: '@request-target', text: '@request-target: get /a?b=%20' }],
  ['an absent header', { signed: 'x-none', text: 'x-none:' }],
  ['two lines', { signed: 'date X-None', text: `date: ${DATE}\nX-None:` }],
  [
    'a header called request-line',
    { signed: 'request-line', text: 'request-line: x', more: ['Request-Line', 'x'] },
  ],
  [
    'a dashed header for a name with underscores',
    { signed: 'x_a', text: 'x_a: 1', more: ['X-A', '1'] },
  ],
  ['Proxy-Authorization', { header: 'Proxy-Authorization', more: ['Authorization', 'x'] }],
];

for (const [name, signing] of GOOD) {
  test(`${name} can be signed`, async () => {
    const observed = await runPlugin(hmacAuth, {}, { request: signedRequest(signing), build });
    assert.deepEqual([observed.answer, observed.consumer], [undefined, 'hal']);
  });
}

test('the body counts only where it is to be validated', async () => {
  const config = { validate_request_body: true };
  const passes = async (body: string, more: string[]) =>
    (await runPlugin(hmacAuth, config, { request: signedRequest({ body, more }), build }))
      .answer === undefined;
  assert.equal(await passes('hello', digestOf('hello')), true);
  assert.equal(await passes('', []), true);
  assert.equal(await passes('hello', []), false);
  assert.equal(await passes('hello', ['Digest', 'SHA-256=']), false);
});

test('a signature under another secret, of another length, or of nothing is refused', async () => {
  for (const signature of ['AAAA', '', '!', Buffer.alloc(32).toString('base64')]) {
    const value = `hmac username="hal", algorithm="hmac-sha256", headers="date", signature="${signature}"`;
    const { answer } = await runPlugin(
      hmacAuth,
      {},
      {
        request: { headers: ['Date', DATE, 'Authorization', value] },
        build,
      },
    );
    assert.equal(answer?.status, 401, signature);
  }
});

/** Kong's own pattern; it takes a time that grows with the fourth power of what it is given. */
const KONG =
  /\s*[Hh]mac\s*username="(.+)",\s*algorithm="(.+)",\s*headers="(.+)",\s*signature="(.+)"/;

test('headers are read as by the greedy pattern', () => {
  const parts = [
    'hmac username="',
    'Hmac username="',
    '", algorithm="',
    '",headers="',
    '", signature="',
    '"',
    'a',
    ' ',
  ];
  let seed = 7;
  const next = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit;
  let matched = 0;
  for (let round = 0; round < 20_000; round++) {
    const chosen = Array.from({ length: 4 + next(9) }, (_, i) =>
      next(3) === 0 ? parts[next(parts.length)] : parts[[0, 6, 2, 6, 3, 6, 4, 6, 5][i % 9] ?? 0],
    );
    const text = chosen.join('');
    const [, username, algorithm, headers, signature] = KONG.exec(text) ?? [];
    if (username !== undefined) matched++;
    const expected =
      username === undefined
        ? undefined
        : { username, algorithm, signed: headers?.split(' '), signature };
    assert.deepEqual(parseSignatureHeader(text), expected, text);
  }
  assert.ok(matched > 100);
});

test('a hostile header costs no time', () => {
  const piece = 'hmac username="a", algorithm="a", headers="a", signature="a", ';
  const hostile = piece.repeat(130) + 'hmac username="'.repeat(10);
  const started = performance.now();
  for (let i = 0; i < 100; i++) parseSignatureHeader(hostile);
  assert.ok(performance.now() - started < 1000);
});

test('what cannot be is refused when the config loads', () => {
  assert.deepEqual(problemsOf(hmacAuth, { clock_skew: 0 }), [
    'config.clock_skew: value must be greater than 0',
  ]);
  assert.deepEqual(problemsOf(hmacAuth, { realm: 'a\nb' }).length, 1);
});
