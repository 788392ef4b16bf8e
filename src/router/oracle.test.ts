/** Tests against Kong's own matching engine (atc-router, as WebAssembly): expressions and regexes. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type * as AtcRouter from '@kong/atc-router';
import * as fc from 'fast-check';
import { RE2JS } from 're2js';
import type { Route } from '../config/types.ts';
import { isRegexPath, rankCandidates, type Candidate } from './candidates.ts';
import { compileRouter } from './compile.ts';
import { splitHostPort } from './hosts.ts';
import { emit } from './regex-emit.ts';
import { checkPattern, compilePattern } from './regex.ts';
import { parseRegex } from './regex-syntax.ts';
import { anyQuestion, anyRoutes, idOf } from './routes.test.fixture.ts';
import type { RouteQuestion } from './types.ts';

type Atc = typeof AtcRouter;
interface Glue {
  readonly __wbg_set_wasm: (exports: unknown) => void;
}
/** What is used of the global WebAssembly, which Node's types leave to the DOM's. */
interface WebAssemblyApi {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: unknown } }>;
}

/**
 * The package is made for bundlers; in Node its WebAssembly is instantiated by hand. It types only
 * its entry point, which Node cannot load; the module below is what that exports.
 */
async function loadAtc(): Promise<Atc> {
  const { resolve } = createRequire(import.meta.url);
  const glue = resolve('@kong/atc-router/atc-router_bg.js');
  const module: Atc & Glue = await import(pathToFileURL(glue).href);
  const wasm: WebAssemblyApi = Reflect.get(globalThis, 'WebAssembly');
  const bytes = await readFile(resolve('@kong/atc-router/atc-router_bg.wasm'));
  const { instance } = await wasm.instantiate(bytes, { './atc-router_bg.js': module });
  // oxlint-disable-next-line no-underscore-dangle -- the name wasm-bindgen gives it
  module.__wbg_set_wasm(instance.exports);
  return module;
}

let atc: Atc;
let schema: AtcRouter.Schema;

before(async () => {
  atc = await loadAtc();
  schema = new atc.Schema();
  for (const field of [
    'net.protocol',
    'tls.sni',
    'http.method',
    'http.host',
    'http.path',
    'http.headers.*',
  ]) {
    schema.addField(field, 'String');
  }
  schema.addField('net.dst.port', 'Int');
});

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const either = (clauses: readonly string[]): string => `(${clauses.join(' || ')})`;

function nameClause(field: string, name: string): string {
  if (name.startsWith('*')) return `${field} =^ ${quoted(name.slice(1))}`;
  if (name.endsWith('*')) return `${field} ^= ${quoted(name.slice(0, -1))}`;
  return `${field} == ${quoted(name)}`;
}

function hostClause(text: string): string {
  const { host, port } = splitHostPort(text);
  const clause = nameClause('http.host', host);
  return port === undefined ? clause : `(${clause} && net.dst.port == ${port})`;
}

const pathClause = (path: string): string =>
  isRegexPath(path) ? `http.path ~ ${quoted(`^${path.slice(1)}`)}` : `http.path ^= ${quoted(path)}`;

const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

function headerClause([name, values]: [string, readonly string[]]): string {
  const field = `any(lower(http.headers.${name.toLowerCase().replaceAll('-', '_')}))`;
  return either(
    values.map((value) =>
      value.startsWith('~*')
        ? `${field} ~ ${quoted(lower(value.slice(2)))}`
        : `${field} == ${quoted(value.toLowerCase())}`,
    ),
  );
}

function expressionOf({ entry: { route }, paths }: Candidate<{ route: Route }>): string {
  const clauses: string[] = [];
  if (route.snis !== null) {
    const names = route.snis.map((name) => nameClause('tls.sni', name.replace(/\.$/, '')));
    clauses.push(`(net.protocol != "https" || ${either(names)})`);
  }
  if (route.methods !== null)
    clauses.push(either(route.methods.map((method) => `http.method == "${method}"`)));
  if (route.hosts !== null) clauses.push(either(route.hosts.map(hostClause)));
  if (paths.length > 0) clauses.push(either(paths.map(pathClause)));
  clauses.push(...Object.entries(route.headers ?? {}).map(headerClause));
  return clauses.join(' && ');
}

function contextOf(asked: RouteQuestion): AtcRouter.Context {
  const context = new atc.Context(schema);
  const add = (field: string, text: string | undefined) => {
    if (text !== undefined) context.addValue(field, { String: text });
  };
  add('net.protocol', asked.scheme);
  add('tls.sni', asked.serverName);
  add('http.method', asked.method);
  add('http.path', asked.path);
  const { host, port } = splitHostPort(asked.host);
  if (asked.host !== '') add('http.host', host);
  context.addValue('net.dst.port', { Int: port ?? asked.port });
  const lines = Array.from({ length: asked.headers.length / 2 }, (_, i) =>
    asked.headers.slice(i * 2, i * 2 + 2),
  );
  for (const field of ['x_a', 'x_b']) {
    const called = (wanted: string) => lines.filter(([name]) => name?.toLowerCase() === wanted);
    const seen = called(field).length > 0 ? called(field) : called(field.replaceAll('_', '-'));
    for (const [, raw = ''] of seen)
      add(`http.headers.${field}`, Buffer.from(raw, 'latin1').toString('utf8'));
  }
  return context;
}

/** A router per candidate: the package tells only whether something matched. */
function compileCandidate(candidate: Candidate<{ route: Route }>): AtcRouter.Router | undefined {
  const expression = expressionOf(candidate);
  // A route without any attribute has no expression; the config refuses it.
  if (expression === '') return undefined;
  const router = new atc.Router(schema);
  assert.equal(router.addMatcher(1, idOf(1), expression), undefined, expression);
  return router;
}

test('the winner is the one Kong would find', () => {
  fc.assert(
    fc.property(
      anyRoutes,
      fc.array(anyQuestion, { minLength: 15, maxLength: 15 }),
      (routes, asked) => {
        const entries = routes
          .filter((each) =>
            [each.methods, each.hosts, each.paths, each.headers, each.snis].some(
              (set) => set !== null,
            ),
          )
          .map((route) => ({ route, target: route.id }));
        const router = compileRouter(entries);
        const oracles = rankCandidates(entries).map((candidate) => ({
          candidate,
          oracle: compileCandidate(candidate),
        }));
        for (const each of asked) {
          const context = contextOf(each);
          const winner = oracles.find(({ oracle }) => oracle?.execute(context) === true);
          context.free();
          assert.equal(router.match(each)?.target, winner?.candidate.entry.target);
        }
        for (const { oracle } of oracles) oracle?.free();
      },
    ),
    { numRuns: 150 },
  );
});

/** Pieces of patterns; joined at random most are valid. */
const PIECES = [
  'a',
  'b',
  'é',
  'K',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '\\W',
  '\\b',
  '\\B',
  '^',
  '$',
  '|',
  '(',
  ')',
  '(?:',
  '(?i)',
  '(?i:',
  '(?m)',
  '(?s)',
  '(?U)',
  '*',
  '+',
  '?',
  '??',
  '*?',
  '+?',
  '{2}',
  '{1,2}',
  '{0,}',
  '[ab]',
  '[^a]',
  '[a-z&&[^b]]',
  '[\\d-z]',
  '[]a]',
  '\\.',
  '\\p{L}',
  '\\PL',
  '\\x41',
  '(?<n>',
  '\\n',
  '[[:alpha:]~~a]',
  '(?x) ',
  '\\A',
  '\\z',
  '(?-u:\\w)',
];

const TEXTS = [
  '',
  'a',
  'b',
  'ab',
  'aab',
  'abab',
  'aé',
  'éa',
  'kK',
  '\u212a',
  'a b',
  '1',
  'a1',
  'a\nb',
  '\n',
  'ab\n',
  'A',
  'AB',
  'a.b',
  '.',
  ']',
  'zzz',
  '\u{1f600}a',
  '٣',
  '-',
  '\r',
  'a\r\nb',
];

const ASCII_TEXTS = TEXTS.filter((text) => Buffer.byteLength(text) === text.length);

test('patterns match what they match in Rust', () => {
  let accepted = 0;
  const pattern = fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 7 })
    .map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(pattern, (text) => {
      const oracle = new atc.Router(schema);
      const refusal = oracle.addMatcher(1, idOf(1), `http.path ~ ${quoted(text)}`);
      const problem = checkPattern(text);
      if (problem === undefined) {
        assert.equal(refusal, undefined);
        accepted++;
        const compiled = compilePattern(text);
        // RE2's word boundaries are ASCII.
        const isLimited = compiled.engine === 're2' && /\\b/i.test(text);
        for (const subject of isLimited ? ASCII_TEXTS : TEXTS) {
          const context = new atc.Context(schema);
          context.addValue('http.path', { String: subject });
          assert.equal(
            compiled.test(subject),
            oracle.execute(context),
            `${compiled.engine} on ${JSON.stringify(subject)}`,
          );
          assert.equal(compiled.exec(subject) !== undefined, compiled.test(subject));
          context.free();
        }
      } else if (refusal === undefined) {
        // Rust takes it: then it must be PCRE that does not, or something we say we do not support.
        assert.match(problem, /PCRE returned|not supported|invalid UTF-8/);
      }
      oracle.free();
    }),
    { numRuns: 1500 },
  );
  assert.ok(accepted > 400, `only ${accepted} patterns were valid`);
});

const GROUP_PIECES = [
  'a',
  'b',
  '.',
  '\\d',
  '[^/]',
  '$',
  '|',
  '(',
  ')',
  '(?:',
  '*',
  '+',
  '?',
  '*?',
  '+?',
  '{2}',
  '{1,3}',
  '(?i)',
];
const GROUP_TEXTS = ['/', '/a', '/ab', '/aab/b', '/a/b/a', '/1a1', '/aaa/', 'b/a'];

test('what V8 may run, it captures as RE2 does', () => {
  let compared = 0;
  const pattern = fc
    .array(fc.constantFrom(...GROUP_PIECES), { minLength: 1, maxLength: 9 })
    .map((pieces) => `/${pieces.join('')}`);
  fc.assert(
    fc.property(pattern, (text) => {
      if (checkPattern(text) !== undefined) return;
      const compiled = compilePattern(text, { anchorStart: true });
      if (compiled.engine !== 'v8') return;
      compared++;
      const re2 = RE2JS.compile(emit(parseRegex(`^${text}`), 're2'));
      for (const subject of GROUP_TEXTS) {
        const matcher = re2.matcher(subject);
        const found = matcher.find();
        const groups = Array.from({ length: matcher.groupCount() }, (_, i) =>
          found ? (matcher.group(i + 1) ?? undefined) : undefined,
        );
        const match = compiled.exec(subject);
        assert.equal(match?.text, found ? (matcher.group(0) ?? '') : undefined);
        assert.deepEqual(
          match?.captures?.positional.slice(1) ?? groups.map(() => undefined),
          groups,
        );
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(compared > 300, `only ${compared} compared`);
});
