/** From what a request wants to the edits that do it: the rules of Kong's storage over the files' entities. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../../config/checks/field-issue.ts';
import { applyDefaults, expandShorthands } from '../../config/defaults.ts';
import type { EntityPlace } from '../../config/load.ts';
import { entitySchema, foreignKeys } from '../../config/schemas.ts';
import type { Config, EntityKind } from '../../config/types.ts';
import type { ConfigError } from '../../errors.ts';
import { isOldFormat } from '../../config/migrate.ts';
import { fieldOf, indexOf, rowById, type ConfigIndex, type Row } from '../index-config.ts';
import { empty, json, message, type AdminResponse } from '../response.ts';
import { violation, type FieldFinding } from '../violation.ts';
import { certificateSnis, type SniNames } from './certificates.ts';
import { cascadeOf, constraintRefusal, removalRefusal } from './constraints.ts';
import { asFields, creationOf, placeFor, type Creation } from './create.ts';
import { expandPatch, mergeValues, type Intent } from './intent.ts';
import type { BaseFile, FileEdit, WriteBase, WriteEdit } from './types.ts';
import { updateOf } from './update.ts';

interface Plan extends Intent {
  readonly index: ConfigIndex;
  readonly base: WriteBase;
}

/** The edits for an intent, or why there are none. */
export function planIntent(intent: Intent, base: WriteBase): WriteEdit | AdminResponse {
  const plan: Plan = { ...intent, index: indexOf(base.config), base };
  const { verb, row } = plan;
  if (verb === 'remove') return row === undefined ? empty(204) : planRemoval(plan, row);
  return row === undefined ? planCreation(plan) : planUpdate(plan, row);
}

/** Entities that are written by themselves take this along. */
const withoutSnis = ({ snis: _snis, ...entity }: Fields): Fields => entity;

function planCreation(plan: Plan): WriteEdit | AdminResponse {
  const { kind, verb, values, fixed, index, base, link } = plan;
  const snis = certificateSnis(plan, undefined);
  if ('status' in snis) return snis;
  const own = kind === 'certificates' ? withoutSnis(values) : values;
  // The entity that is to refer to it needs an id to do so by.
  const named = link === undefined ? {} : { id: randomUUID() };
  const entity: Fields = { ...own, ...named, ...fixed };
  const complete = completeOf(kind, entity, base);
  const refusal = constraintRefusal({ index, kind, entity: complete, row: undefined });
  if (refusal !== undefined) return refusal;
  const old = oldPaths(kind, values, base.files[placeFor(kind, entity, base).fileIndex]);
  if (old !== undefined) return old;
  const creation = creationOf(kind, { ...entity, ...snis.nested }, index, base);
  const linked = link === undefined ? [] : linkEdits(link, creation, plan);
  if (linked === undefined) return NOT_IN_FILES;
  const status = verb === 'create' ? 201 : 200;
  return {
    edits: [...creation.edits, ...linked],
    subject: { kind, place: creation.place },
    before: undefined,
    touched: new Set(link === undefined ? [] : [link.row.id]),
    check: expecting(kind, values, complete),
    answer: (config, id) => shown(config, kind, { id, status }),
    refuse,
  };
}

/** The entity that has the foreign key refers to the new one by its id, which the edit has to name. */
function linkEdits(
  { kind, row, field }: NonNullable<Intent['link']>,
  { edits }: Creation,
  { index, base }: Plan,
): readonly FileEdit[] | undefined {
  const [append] = edits;
  const value = append?.edit.op === 'append' ? append.edit.value : undefined;
  const id = typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : undefined;
  const next = { ...asFields(row), [field]: { id } };
  return updateOf({ kind, row, values: { [field]: { id } }, next, merges: true }, index, base);
}

const NOT_IN_FILES = message(
  409,
  'the entity is made by the files but stands in none of them; edit them by hand',
);

function planUpdate(plan: Plan, row: Row): WriteEdit | AdminResponse {
  const { kind, verb, values, fixed, index, base } = plan;
  const merges = verb === 'update';
  const snis = certificateSnis(plan, row);
  if ('status' in snis) return snis;
  const given = withoutUnwritable(kind, { ...values, ...fixed });
  const sent = merges ? expandPatch(kind, given) : expandShorthands(kind, given);
  const merged = merges ? mergeValues(row, sent) : sent;
  const next: Fields = { ...withoutSnis(merged), id: row.id };
  const complete = completeOf(kind, next, base);
  const refusal = constraintRefusal({ index, kind, entity: complete, row });
  if (refusal !== undefined) return refusal;
  const place = base.placeOf(kind, row.id);
  const isSamePaths = isDeepStrictEqual(sent['paths'] ?? null, fieldOf(row, 'paths'));
  const old = isSamePaths ? undefined : oldPaths(kind, sent, base.files[place?.file ?? 0]);
  if (old !== undefined) return old;
  const update = { kind, row, values: { ...sent, ...urlOf(kind, values) }, next, merges };
  const edits = updateOf(update, index, base);
  if (edits === undefined) return NOT_IN_FILES;
  return {
    edits: [...edits, ...snisEdits(snis, plan)],
    subject: { kind, id: row.id },
    before: asFields(row),
    touched: new Set([row.id]),
    check: expecting(kind, sent, complete),
    answer: (config, id) => shown(config, kind, { id, status: 200 }),
    refuse,
  };
}

const isRegex = (path: unknown): boolean => typeof path === 'string' && path.startsWith('~');

/** In files of older formats a path is read otherwise than it is sent. */
function oldPaths(
  kind: EntityKind,
  { paths }: Fields,
  file: BaseFile | undefined,
): AdminResponse | undefined {
  if (kind !== 'routes' || !Array.isArray(paths) || !isOldFormat(file?.value ?? {}))
    return undefined;
  if (!paths.some(isRegex)) return undefined;
  return message(
    409,
    `${file?.path ?? 'the file'} has a _format_version before 3.0, in which regular expressions in paths are written otherwise; change it to "3.0"`,
  );
}

const urlOf = (kind: EntityKind, { url }: Fields): Fields =>
  kind === 'services' && typeof url === 'string' ? { url } : {};

/** The path names the entity, and a body cannot give it another id or a time of change. */
function withoutUnwritable(kind: EntityKind, values: Fields): Fields {
  const { properties } = entitySchema(kind);
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => {
      const auto = Object.hasOwn(properties, name) ? properties[name]?.['x-kong-auto'] : undefined;
      return name !== 'id' && auto !== 'updated' && auto !== 'digest' && name !== 'snis';
    }),
  );
}

function snisEdits({ added, removed }: SniNames, { index, base }: Plan): readonly FileEdit[] {
  return [
    ...added.flatMap((sni) => creationOf('snis', sni, index, base).edits),
    ...removed.flatMap((row) => removalEdits('snis', row, base)),
  ];
}

const completeOf = (kind: EntityKind, entity: Fields, { schemas }: WriteBase): Fields =>
  applyDefaults(kind, expandShorthands(kind, entity), schemas);

/** Fields that a load may make another value of. */
const REMADE: ReadonlySet<string> = new Set([
  'id',
  'password',
  'target',
  'tags',
  'config',
  'url',
  'snis',
]);

/** What the client said must be what the files mean afterwards. */
function expecting(kind: EntityKind, sent: Fields, complete: Fields): WriteEdit['check'] {
  const references = new Set(foreignKeys(kind).map(({ field }) => field));
  const names = Object.keys(sent).filter(
    (name) =>
      !REMADE.has(name) &&
      entitySchema(kind).properties[name]?.['x-kong-auto'] === undefined &&
      (references.has(name) || complete[name] !== undefined),
  );
  return (config, id) => {
    const row = rowById(indexOf(config), kind, id);
    const wrong = names.find(
      (name) =>
        !isDeepStrictEqual(
          row === undefined ? undefined : Reflect.get(row, name),
          complete[name] ?? null,
        ),
    );
    if (wrong === undefined) return undefined;
    return message(
      409,
      `the file would give '${wrong}' another value: its _format_version, _info or _plugin_configs say so; edit it by hand`,
    );
  };
}

interface Shown {
  readonly id: string;
  readonly status: number;
}

const shown = (config: Config, kind: EntityKind, { id, status }: Shown): AdminResponse =>
  json(status, rowById(indexOf(config), kind, id) ?? null);

function planRemoval(plan: Plan, row: Row): WriteEdit | AdminResponse {
  const { kind, index, base } = plan;
  const refusal = removalRefusal(index, kind, row);
  if (refusal !== undefined) return refusal;
  const removed = cascadeOf(index, kind, row);
  return {
    edits: outermost(removed.flatMap((each) => removalEdits(each.kind, each.row, base))),
    subject: { kind, id: row.id },
    before: asFields(row),
    touched: new Set(),
    answer: () => empty(204),
    refuse,
  };
}

/** Takes the text of one entity out; none for one that no file has. */
export function removalEdits(kind: EntityKind, { id }: Row, base: WriteBase): readonly FileEdit[] {
  const place = base.placeOf(kind, id);
  if (place === undefined) return [];
  return [{ file: place.file, edit: { op: 'remove', path: place.path } }];
}

const keyOf = (file: number, path: EntityPlace['path']): string => JSON.stringify([file, ...path]);

/** What stands inside of something else goes with it. */
function outermost(edits: readonly FileEdit[]): readonly FileEdit[] {
  const known = new Set(edits.map(({ file, edit }) => keyOf(file, edit.path)));
  return edits.filter(
    ({ file, edit: { path } }) =>
      !path.some((_, depth) => depth > 0 && known.has(keyOf(file, path.slice(0, depth)))),
  );
}

/** Problems of the entity in Kong's words; others are about the document around it. */
export function refuse(error: ConfigError, place: EntityPlace | undefined): AdminResponse {
  const findings: FieldFinding[] = error.issues.map(({ path, message: text, entityLevel }) => {
    const isOwn = place?.path.every((step, depth) => path[depth] === step) === true;
    return {
      path: isOwn ? path.slice(place.path.length) : path,
      message: text,
      ...(entityLevel === true && { entityLevel }),
    };
  });
  return violation(
    findings.map((finding) =>
      finding.path.length === 0 ? { ...finding, entityLevel: true } : finding,
    ),
  );
}
