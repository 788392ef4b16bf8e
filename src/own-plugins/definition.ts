/** What a module exports → a plugin that runs: everything that is wrong with it is said at once. */
import { isFields, type Fields } from '../config/checks/field-issue.ts';
import { BUNDLED_SCHEMAS } from '../config/schemas.ts';
import { nearest } from '../config/suggest.ts';
import type { Plugin } from '../plugin.ts';
import { guardCompile, guardPhases, PHASES } from './guarded.ts';
import { completeSchema, schemaProblems } from './schema.ts';
import type { OwnPlugin } from './types.ts';

export type ReadDefinition =
  | { readonly kind: 'plugin'; readonly plugin: OwnPlugin }
  /** Sentences without their subject, the plugin's file. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

const MEMBERS = ['name', 'version', 'priority', 'schema', 'protocols', 'scopes', 'compile'];
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const PROTOCOLS = ['http', 'https', 'grpc', 'grpcs', 'ws', 'wss'];
const PROTOCOLS_DEFAULT = ['grpc', 'grpcs', 'http', 'https'];
const SCOPES = ['service', 'route', 'consumer', 'consumer_group'];

/** @param url of the module, for other processes */
export function readDefinition(exported: unknown, url: string): ReadDefinition {
  const definition = defaultOf(exported);
  if (definition === undefined) {
    return {
      kind: 'problems',
      problems: ['has no plugin as its default export; write `export default definePlugin({ … })`'],
    };
  }
  const problems = problemsOf(definition);
  if (problems.length > 0) return { kind: 'problems', problems };
  return { kind: 'plugin', plugin: ownPlugin(definition, url) };
}

/** A CommonJS module, also one that a compiler made of an ES module, has its default one level down. */
function defaultOf(exported: unknown): Fields | undefined {
  const inner = isFields(exported) ? exported['default'] : undefined;
  const innermost = isFields(inner) && !Object.hasOwn(inner, 'name') ? inner['default'] : undefined;
  const definition = innermost ?? inner;
  return isFields(definition) ? definition : undefined;
}

function problemsOf(definition: Fields): string[] {
  const { name, priority, compile, schema, version } = definition;
  return [
    ...Object.keys(definition)
      .filter((member) => !MEMBERS.includes(member))
      .map(unknownMember),
    ...nameProblems(name),
    ...(typeof priority === 'number' && Number.isFinite(priority)
      ? []
      : ["needs a number as its 'priority', e.g. 1000; higher runs earlier"]),
    ...(version === undefined || typeof version === 'string'
      ? []
      : ["needs a text as its 'version', or none"]),
    ...(typeof compile === 'function'
      ? []
      : ["needs a function 'compile' that returns its phases, e.g. { access(ctx) { … } }"]),
    ...listProblems('protocols', definition['protocols'], PROTOCOLS),
    ...listProblems('scopes', definition['scopes'], SCOPES),
    ...schemaProblems(schema).map(
      ({ path, message }) =>
        `has a schema with a mistake: ${['schema', ...path].join('.')} ${message}`,
    ),
  ];
}

function unknownMember(member: string): string {
  if (PHASES.includes(member)) {
    return `has '${member}' beside 'compile'; move it into the object that 'compile' returns`;
  }
  const meant = nearest(member, MEMBERS);
  const advice = meant === undefined ? 'remove it' : `did you mean '${meant}'?`;
  return `has an unknown member '${member}'; ${advice}`;
}

export const isPluginName = (name: string): boolean => NAME.test(name);

function nameProblems(name: unknown): string[] {
  if (typeof name !== 'string' || !isPluginName(name)) {
    return ["needs a 'name' of lower-case letters, digits and dashes, e.g. 'add-greeting'"];
  }
  return BUNDLED_SCHEMAS.has(name)
    ? [`is called '${name}', as a plugin of this build is; choose another name`]
    : [];
}

function listProblems(member: string, value: unknown, allowed: readonly string[]): string[] {
  if (value === undefined) return [];
  const isList = Array.isArray(value) && value.every((one) => allowed.includes(String(one)));
  return isList ? [] : [`needs a list of some of ${allowed.join(', ')} as its '${member}'`];
}

function ownPlugin(definition: Fields, url: string): OwnPlugin {
  const { name, priority, schema, version } = definition;
  const textName = String(name);
  return {
    plugin: { name: textName, priority: Number(priority), compile: compileOf(definition) },
    schema: completeSchema(isFields(schema) ? schema : {}, {
      name: textName,
      protocols: listOr(definition['protocols'], PROTOCOLS_DEFAULT),
      scopes: listOr(definition['scopes'], SCOPES),
    }),
    version: typeof version === 'string' ? version : undefined,
    url,
  };
}

const listOr = (value: unknown, fallback: readonly string[]): readonly string[] =>
  Array.isArray(value) ? value.map(String) : fallback;

function compileOf(definition: Fields): Plugin<never>['compile'] {
  return (config, build) =>
    guardCompile(() => {
      const { compile } = definition;
      if (typeof compile !== 'function') throw new TypeError("there is no 'compile'");
      const phases: unknown = Reflect.apply(compile, definition, [config, build]);
      return guardPhases(phases, build.log);
    });
}
