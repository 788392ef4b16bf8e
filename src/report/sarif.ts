/** Findings as SARIF 2.1.0 (OASIS), which code scanning services read. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatPath, type Diagnostic } from '../config/diagnostic.ts';
import { codeEntry } from '../config/diagnostic-codes.ts';
import type { RelatedPlace, SourceRange } from '../errors.ts';
import { SILVERBACK_VERSION } from '../version.ts';
import { createFingerprints, type Fingerprint } from './fingerprint.ts';
import { isFailure, type Report } from './types.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

export function renderSarif({ diagnostics, texts, failOn }: Report): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].toSorted();
  const fingerprint = createFingerprints(texts);
  const hasFailed = diagnostics.some((each) => isFailure(each, failOn));
  const run = {
    tool: {
      driver: {
        name: 'silverback',
        semanticVersion: SILVERBACK_VERSION,
        rules: codes.map(rule),
      },
    },
    columnKind: 'utf16CodeUnits',
    invocations: [{ executionSuccessful: true, exitCode: hasFailed ? 1 : 0 }],
    artifacts: [...texts.keys()].map((file) => ({ location: artifact(file) })),
    results: diagnostics.map((each) => result(each, codes.indexOf(each.code), fingerprint)),
  };
  return JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2);
}

function rule(code: string) {
  const { title, severity, help } = codeEntry(code);
  return {
    id: code,
    name: title.replaceAll(/\W+(\w?)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: `${title}.` },
    help: { text: sentence(help) },
    defaultConfiguration: { level: severity },
  };
}

function result(diagnostic: Diagnostic, ruleIndex: number, fingerprint: Fingerprint) {
  const { code, severity, message, help, path, range, related } = diagnostic;
  const logical = path.length === 0 ? [] : [{ fullyQualifiedName: formatPath(path) }];
  const location = {
    ...(range !== undefined && { physicalLocation: physical(range) }),
    ...(logical.length > 0 && { logicalLocations: logical }),
  };
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: `${sentence(message)} ${sentence(help)}` },
    ...(Object.keys(location).length > 0 && { locations: [location] }),
    ...(related.length > 0 && { relatedLocations: related.map(relatedLocation) }),
    partialFingerprints: { primaryLocationLineHash: fingerprint(diagnostic) },
    ...fixesOf(diagnostic),
  };
}

const relatedLocation = ({ message, range }: RelatedPlace, id: number) => ({
  id,
  message: { text: message },
  ...(range !== undefined && { physicalLocation: physical(range) }),
});

/** What a tool may put in place by itself: the word that was probably meant. */
function fixesOf({ suggestion, range }: Diagnostic) {
  if (suggestion === undefined || range === undefined) return {};
  const { artifactLocation, region } = physical(range);
  const replacements = [{ deletedRegion: region, insertedContent: { text: suggestion } }];
  const artifactChanges = [{ artifactLocation, replacements }];
  return { fixes: [{ description: { text: `Write ${suggestion}.` }, artifactChanges }] };
}

/** Lines and columns count from 1 and the end column is the one after, as ours do. */
const physical = ({ file, line, column, endLine, endColumn }: SourceRange) => ({
  artifactLocation: artifact(file),
  region: { startLine: line, startColumn: column, endLine, endColumn },
});

/** Relative paths stay relative: to the folder the check ran in, which is the repository as a rule. */
const artifact = (file: string) => ({
  uri: isAbsolute(file)
    ? pathToFileURL(file).href
    : file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/'),
});

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
