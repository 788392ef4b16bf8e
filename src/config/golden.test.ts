/** Whole documents with what becomes of them: the files in `test/golden/config`. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ConfigError, type ConfigIssue } from '../errors.ts';
import { formatPath } from './diagnostic.ts';
import { loadConfig } from './load.ts';
import { PLUGIN_NAMES } from './schemas.ts';

const FOLDER = new URL('../../test/golden/config/', import.meta.url);

/** Problems line by line, or one line per entity: kind, id, and what it belongs to. */
function outcomeOf(text: string): string {
  try {
    const source = { kind: 'text', text, file: 'kong.yaml', format: 'yaml' } as const;
    const { config } = loadConfig(source, { plugins: PLUGIN_NAMES, now: 0 });
    const lines = Object.entries(config.entities).flatMap(([kind, list]) =>
      list.map((entity) => [kind, entity.id, ...parentsOf(entity)].join(' ')),
    );
    return lines.join('\n');
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(lineOf).join('\n');
    throw error;
  }
}

const lineOf = ({ position, path, message }: ConfigIssue): string =>
  [`${position?.line}:${position?.column}`, formatPath(path), message].filter(Boolean).join(': ');

const parentsOf = (entity: object): string[] =>
  Object.entries(entity).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && 'id' in value
      ? `${name}=${String(value.id)}`
      : [],
  );

for (const file of readdirSync(FOLDER)) {
  test(file, () => {
    const [text = '', expected] = readFileSync(new URL(file, FOLDER), 'utf8').split(/^-{10,}\n/m);
    assert.equal(outcomeOf(text), expected?.trimEnd());
  });
}
