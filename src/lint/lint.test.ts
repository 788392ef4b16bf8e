/** What golden files cannot show: clocks, limits, documents without a text, plugins that are not in this build. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { EXAMPLE_NAMES } from '../../test/support/examples.ts';
import { loadConfig } from '../config/load.ts';
import { PLUGIN_NAMES } from '../gateway/plugins.ts';
import { lintConfig } from './lint.ts';
import { NOW, lintText, placesOf } from './lint.test.fixture.ts';

const DAY_MS = 86_400_000;

interface Lifetime {
  readonly from: number;
  readonly to: number;
}

/** The warnings about a certificate that is valid between these days from now. */
async function warningsAbout({ from, to }: Lifetime): Promise<readonly string[]> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'a.test' }], {
    keyType: 'ec',
    curve: 'P-256',
    notBeforeDate: new Date(NOW + from * DAY_MS),
    notAfterDate: new Date(NOW + to * DAY_MS),
  });
  const document = {
    _format_version: '3.0',
    certificates: [{ cert, key, snis: [{ name: 'a.test' }] }],
  };
  const found = await lintText(JSON.stringify(document), { allow: ['SB2006'] });
  return placesOf(found).map((place) => place.replace(/:.*/, ''));
}

const LIFETIMES: readonly (Lifetime & { readonly warnings: readonly string[] })[] = [
  { from: -300, to: 31, warnings: [] },
  { from: -300, to: 29, warnings: ['SB2010'] },
  { from: -300, to: 1, warnings: ['SB2010'] },
  { from: -300, to: -1, warnings: ['SB2009'] },
  { from: 1, to: 300, warnings: ['SB2009'] },
  // Renewed by a machine: it never has more than a few days left.
  { from: -1, to: 6, warnings: [] },
];

for (const lifetime of LIFETIMES) {
  const { from, to, warnings } = lifetime;
  test(`a certificate from day ${from} to day ${to}: ${warnings.join(' ') || 'nothing'}`, async () => {
    assert.deepEqual(await warningsAbout(lifetime), warnings);
  });
}

test('a document that is no text has warnings with paths and without places', async () => {
  const value = {
    _format_version: '3.0',
    services: [
      { name: 'a', url: 'http://a', routes: [{ paths: ['/a/{id}'] }], plugins: [{ name: 'jwt' }] },
    ],
  };
  const options = { plugins: PLUGIN_NAMES, now: NOW };
  const loaded = loadConfig({ kind: 'object', value }, options);
  const found = await lintConfig({ loaded, texts: [], now: NOW });
  assert.deepEqual(
    found.map(({ code, path, range }) => [code, path.join('.'), range]),
    [
      ['SB2001', 'services.0.plugins.0.name', undefined],
      ['SB2002', 'services.0.plugins.0.name', undefined],
      ['SB2020', 'services.0.routes.0.paths.0', undefined],
    ],
  );
});

test('more than a thousand warnings are counted and not listed', async () => {
  const routes = Array.from({ length: 1200 }, (_, n) => `      - paths: ['/p${n}/{id}']\n`);
  const head = '_format_version: "3.0"\nservices:\n  - name: a\n    url: http://a\n    routes:\n';
  const found = await lintText(head + routes.join(''));
  assert.equal(found.length, 1001);
  assert.equal(found.at(-1)?.code, 'SB2000');
  assert.equal(found.at(-1)?.message, '200 more warnings are not listed');
});

test('no warning shows a secret', async () => {
  const secret = 'geheim-geheim';
  const found = await lintText(`_format_version: "3.0"
consumers:
  - username: ann
    keyauth_credentials: [{ key: ${secret} }]
    jwt_secrets: [{ key: iss, secret: ${secret} }]
    jwt_secrets: [{ key: iss, secret: ${secret} }]
`);
  assert.ok(found.length >= 4);
  assert.ok(!JSON.stringify(found).includes(secret));
});

const root = new URL('../../', import.meta.url);

for (const file of ['kong.yaml', ...EXAMPLE_NAMES.map((name) => `examples/${name}/kong.yaml`)]) {
  test(`${file} has no warning that is not allowed with a reason`, async () => {
    const text = readFileSync(new URL(file, root), 'utf8');
    const help = 'mend it, or add a comment: # silverback-allow-file CODE -- why';
    assert.deepEqual(placesOf(await lintText(text)), [], help);
    for (const comment of text.match(/silverback-allow.*/g) ?? []) assert.match(comment, / -- ./);
  });
}
