/** Findings as JUnit XML, the format that CI systems show as test results: a suite per file, a case per finding. */
import type { Diagnostic } from '../config/diagnostic.ts';
import { codeEntry } from '../config/diagnostic-codes.ts';
import { printable } from './frame.ts';
import { renderPretty } from './pretty.ts';
import { isFailure, type Report, type ReportCase } from './types.ts';

/** The suite of findings that belong to no file. */
const NO_FILE = 'declarative config';

export function renderJunit(report: Report): string {
  return report.cases === undefined ? ofCheck(report) : ofTests(report, report.cases);
}

/** A suite for each file, a case for each of its tests; what belongs to no test is a case of its own. */
function ofTests(report: Report, cases: readonly ReportCase[]): string {
  const known = new Set(cases.flatMap(({ diagnostics }) => diagnostics));
  const rest = report.diagnostics.filter((each) => !known.has(each));
  const files = [...new Set(cases.map(({ file }) => file))];
  const totals = {
    name: 'silverback test',
    tests: cases.length + rest.length,
    failures: failed(cases) + rest.length,
    errors: 0,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes(totals)}>`,
    ...(rest.length === 0 ? [] : suite(NO_FILE, rest, report)),
    ...files.flatMap((file) => {
      const own = cases.filter((each) => each.file === file);
      const counts = {
        name: file,
        tests: own.length,
        failures: failed(own),
        errors: 0,
        skipped: 0,
      };
      return [
        `  <testsuite${attributes(counts)}>`,
        ...own.flatMap((each) => ranCase(each, report)),
        '  </testsuite>',
      ];
    }),
    '</testsuites>',
  ].join('\n');
}

const failed = (list: readonly ReportCase[]): number =>
  list.filter(({ diagnostics }) => diagnostics.length > 0).length;

function ranCase(
  { name, file, seconds, diagnostics }: ReportCase,
  { texts }: Report,
): readonly string[] {
  const head = attributes({ name, classname: file, time: seconds.toFixed(3) });
  const [first] = diagnostics;
  if (first === undefined) return [`    <testcase${head}/>`];
  const text = content(renderPretty(diagnostics, { texts, color: false }));
  return [
    `    <testcase${head}>`,
    `      <failure${attributes({ message: first.message, type: 'error' })}>${text}</failure>`,
    '    </testcase>',
  ];
}

function ofCheck(report: Report): string {
  const suites = suitesOf(report);
  const failures = countFailures(report.diagnostics, report);
  const tests = suites.reduce((sum, [, list]) => sum + Math.max(1, list.length), 0);
  const counts = attributes({ name: 'silverback validate', tests, failures, errors: 0 });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${counts}>`,
    ...suites.flatMap(([file, list]) => suite(file, list, report)),
    '</testsuites>',
  ].join('\n');
}

function suitesOf({ diagnostics, texts }: Report): [string, Diagnostic[]][] {
  const suites = new Map<string, Diagnostic[]>([...texts.keys()].map((file) => [file, []]));
  for (const diagnostic of diagnostics) {
    const file = diagnostic.range?.file ?? NO_FILE;
    const list = suites.get(file) ?? [];
    suites.set(file, list);
    list.push(diagnostic);
  }
  return [...suites];
}

const countFailures = (list: readonly Diagnostic[], { failOn }: Report): number =>
  list.filter((each) => isFailure(each, failOn)).length;

function suite(file: string, list: readonly Diagnostic[], report: Report): string[] {
  const failures = countFailures(list, report);
  const tests = Math.max(1, list.length);
  return [
    `  <testsuite${attributes({ name: file, tests, failures, errors: 0, skipped: 0 })}>`,
    ...(list.length === 0
      ? [`    <testcase${attributes({ name: 'no problems', classname: file })}/>`]
      : list.flatMap((each) => testCase(each, file, report))),
    '  </testsuite>',
  ];
}

/** A warning that fails nothing is the output of a case that passed. */
function testCase(diagnostic: Diagnostic, file: string, { texts, failOn }: Report): string[] {
  const { code, severity, message, range } = diagnostic;
  const place = range === undefined ? '' : ` at ${range.line}:${range.column}`;
  const name = `${code} ${codeEntry(code).title}${place}`;
  const text = content(renderPretty([diagnostic], { texts, color: false }));
  const body = isFailure(diagnostic, failOn)
    ? `      <failure${attributes({ message, type: severity })}>${text}</failure>`
    : `      <system-out>${text}</system-out>`;
  return [`    <testcase${attributes({ name, classname: file })}>`, body, '    </testcase>'];
}

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${content(printable(String(value)))}"`)
    .join('');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** What XML 1.0 has no way to write, lone surrogates among it. */
// oxlint-disable-next-line no-control-regex -- these are the characters
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const content = (text: string): string =>
  text.replaceAll(NOT_XML, '\uFFFD').replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
