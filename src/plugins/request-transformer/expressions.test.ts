/** Expressions in templates: Lua's meaning, and nothing that could run or fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, property } from 'fast-check';
import { FakeContext } from '../../gateway/fake-context.test.fixture.ts';
import { environmentOf } from './environment.ts';
import { compileTemplate } from './template.ts';
import { TemplateError } from './tokens.ts';

const ctx = new FakeContext({
  target: '/?user=ann&flag&tag=a&tag=b&n=10',
  headers: [
    'X-User',
    'Ann',
    'X-List',
    '1',
    'X-List',
    '2',
    'X-Empty',
    '',
    'X-Utf',
    'caf\u00c3\u00a9',
  ],
  captures: {
    positional: ['/users/7', '7', undefined],
    named: new Map([
      ['user-id', '7'],
      ['id', '7'],
    ]),
  },
});
ctx.shared.set('my_version', '1.2').set('deep', { list: ['x', { y: 5 }], no: null });
const env = environmentOf(ctx);
const render = (template: string): string => compileTemplate(template).render(env);

const CASES: readonly (readonly [template: string, text: string])[] = [
  ['plain', 'plain'],
  ['', ''],
  ['$5 (net)', '$5 (net)'],
  ['$(headers.x_user', '$(headers.x_user'],
  ['a $(headers.x_user) b $(query_params.user) c', 'a Ann b ann c'],
  ['$(headers["X-USER"])', 'Ann'],
  ["$(headers['x-user'])", 'Ann'],
  ['$(headers.x_none)', ''],
  ['$(headers.x_none or "default")', 'default'],
  ['$(headers.x_empty or "default")', ''],
  ['$(headers.x_utf)', 'caf\u00e9'],
  ['$(query_params.flag)', 'true'],
  ['$(query_params.tag)', 'a, b'],
  ['$(query_params.tag[2])', 'b'],
  ['$(uri_captures[0]) $(uri_captures[1]) $(uri_captures[2])', '/users/7 7 '],
  ['$(uri_captures.id) $(uri_captures["user-id"])', '7 7'],
  ['$(10 * uri_captures.id)', '70'],
  [
    '$(shared.my_version) $(shared.deep.list[2].y) $(shared.deep.no.x) $(shared.constructor)',
    '1.2 5  ',
  ],
  ['$(shared.deep.constructor) $(shared.deep.__proto__)', ' '],
  [
    '$(type(headers["X-List"]) == "table" and headers["X-List"][1] .. "-first" or headers["X-List"])',
    '1-first',
  ],
  [
    '$(type(headers.x_user) == "table" and 1 or 2) $(type(nil)) $(type(shared.deep))',
    '2 nil table',
  ],
  ['$(headers.x_user == "Ann" and "yes" or "no")', 'yes'],
  ['$(headers.x_user ~= "Ann" and "yes" or "no")', 'no'],
  ['$(not headers.x_none)', 'true'],
  ['$(not headers.x_user)', ''],
  ['$(false or nil)', ''],
  ['$(1 + 2 * 3 - 4 / 2)', '5'],
  ['$((1 + 2) * 3)', '9'],
  ['$(-7 % 3) $(7 % -3) $(1/3)', '2 -2 0.33333333333333'],
  ['$("0x10" + 1) $("a" + 1) $(nil + 1)', '17  '],
  ['$(1 < 2) $(2 <= 2) $("b" > "a") $(1 < "2") $(nil >= nil)', 'true true true  '],
  ['$("a" .. 1 .. "b" .. 2)', 'a1b2'],
  ['$(#headers.x_utf) $(#query_params.tag) $(#nil)', '5 2 '],
  [
    '$(string.sub(query_params.user, 1, 2)) $(headers.x_user:sub(-2)) $(("abc"):sub(2))',
    'an nn bc',
  ],
  [
    '$(headers.x_user:lower()) $(string.upper(headers.x_user)) $(string.len("\u00e9"))',
    'ann ANN 2',
  ],
  ['$(headers.x_none:lower())', ''],
  ['$(string.sub(headers.x_utf, 1, 4))', 'caf\ufffd'],
  ['$(string.format("u1:%s;n:%d%%", query_params.user, query_params.n))', 'u1:ann;n:10%'],
  ['$(tostring(nil)) $(tostring(false)) $(tonumber("7") + 1)', 'nil false 8'],
  ["$('$(uri_captures.id)')", '$(uri_captures.id)'],
  ['$$(headers.x_user)', '$Ann'],
  [String.raw`$("a\tb\\\"")`, 'a\tb\\"'],
];

for (const [template, text] of CASES) {
  test(`${template} is ${JSON.stringify(text)}`, () => assert.equal(render(template), text));
}

const REFUSED: readonly (readonly [template: string, problem: RegExp])[] = [
  ['$(os.execute("x"))', /'os' is not known at character 3/],
  ['$(require("x"))', /'require' is not known/],
  ['$(_G)', /'_G' is not known/],
  ['$(string)', /'string' is not known/],
  ['$(string.rep("a", 1e9))', /the function 'string.rep' is not known/],
  ['$(headers.x:gsub("a", "b"))', /the function 'string.gsub' is not known/],
  ['$(shared.x = 1)', /'=' cannot stand at character 12/],
  ['$({})', /'{' cannot stand at character 3/],
  ['$(function() end)', /'function' is not known/],
  ['$(headers.x headers.y)', /'headers' cannot stand at character 13/],
  ['$(headers.)', /a name is missing at character 11/],
  ['$(headers[1)', /'\]' is missing at character 12/],
  ['$("open)', /'"' is not understood at character 3/],
  ['$(")")', /'"' is not understood at character 3/],
  ['$("\\q")', /the escape \\q is not understood/],
  ['$(1 +)', /a value is missing/],
  ['$()', /a value is missing at character 3/],
  ['a $(headers.x) $(y)', /'y' is not known at character 18/],
  [`$(${'('.repeat(60)}1${')'.repeat(60)})`, /nested more than 50 deep/],
  [`$(${'not '.repeat(60)}1)`, /nested more than 50 deep/],
];

for (const [template, problem] of REFUSED) {
  test(`${template.slice(0, 40)} is refused`, () => {
    assert.throws(
      () => compileTemplate(template),
      (error) => {
        assert.ok(error instanceof TemplateError);
        assert.match(error.message, problem);
        return true;
      },
    );
  });
}

test('any text is a template or a mistake, and no template fails on a request', () => {
  const word = constantFrom(
    '$(',
    ')',
    '(',
    'headers',
    '.x_user',
    '["tag"]',
    '[1]',
    'query_params',
    'shared',
    '..',
    'or',
    'and',
    'not',
    '-',
    '#',
    '*',
    '<',
    '==',
    '"a"',
    "'",
    '1',
    '0x',
    ':sub(1)',
    ':lower()',
    'type(',
    ',',
    ' ',
    'nil',
  );
  check(
    property(array(word, { maxLength: 12 }), (words) => {
      const source = `$(${words.join('')})`;
      try {
        assert.equal(typeof render(source), 'string');
      } catch (error) {
        assert.ok(error instanceof TemplateError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test('a long hostile template is read in no time', () => {
  const started = performance.now();
  for (const piece of ['$(', '((', '"a', 'a.', '1..', '$(headers.x)', ' ']) {
    try {
      compileTemplate(`$(${piece.repeat(20_000)}`);
    } catch (error) {
      assert.ok(error instanceof TemplateError);
    }
  }
  assert.ok(performance.now() - started < 2000);
});
