/**
 * Consumer groups and their members. The open-source Kong has no such paths: they follow the published
 * Admin API of its other edition.
 */
import type { EntityKind } from '../config/types.ts';
import type { Fields } from '../config/checks/field-issue.ts';
import { asFields } from './write/create.ts';
import { membershipEdit } from './write/memberships.ts';
import { refuse, removalEdits } from './write/plan.ts';
import type { FileEdit, PlanWrite, WriteEdit } from './write/types.ts';
import { entityValues } from './entity-body.ts';
import {
  childrenOf,
  indexOf,
  referenceOf,
  rowById,
  type ConfigIndex,
  type Row,
} from './index-config.ts';
import { lookUp } from './lookup.ts';
import type { AdminRequest, Handler } from './request.ts';
import {
  empty,
  entityError,
  json,
  NOT_FOUND,
  operationUnsupported,
  type AdminResponse,
} from './response.ts';
import type { AdminRoute } from './route-tree.ts';
import type { AdminDeps } from './types.ts';

const MEMBERSHIPS = 'consumer_group_consumers';

/** One end of memberships, and how its side of the API names things. */
interface Side {
  readonly kind: EntityKind;
  readonly field: 'consumer' | 'consumer_group';
  /** The body's member that names the other end. */
  readonly argument: 'group' | 'consumer';
  /** What a list of the other end is called. */
  readonly list: 'consumer_groups' | 'consumers';
  readonly other: { readonly kind: EntityKind; readonly field: 'consumer' | 'consumer_group' };
}

const CONSUMER: Side = {
  kind: 'consumers',
  field: 'consumer',
  argument: 'group',
  list: 'consumer_groups',
  other: { kind: 'consumer_groups', field: 'consumer_group' },
};

const GROUP: Side = {
  kind: 'consumer_groups',
  field: 'consumer_group',
  argument: 'consumer',
  list: 'consumers',
  other: { kind: 'consumers', field: 'consumer' },
};

function ownerOf(index: ConfigIndex, { kind }: Side, key: string): Row | undefined {
  const lookup = lookUp(index, kind, key);
  return lookup.kind === 'found' ? lookup.row : undefined;
}

const membershipsOf = (index: ConfigIndex, { field }: Side, { id }: Row): readonly Row[] =>
  childrenOf(index, MEMBERSHIPS, field, id);

function others(index: ConfigIndex, side: Side, row: Row): readonly Row[] {
  return membershipsOf(index, side, row).flatMap((membership) => {
    const id = referenceOf(membership, side.other.field);
    return (id === undefined ? undefined : rowById(index, side.other.kind, id)) ?? [];
  });
}

const list =
  (side: Side): Handler =>
  ({ params: [key = ''] }, deps) => {
    const index = indexOf(deps.config());
    const row = ownerOf(index, side, key);
    if (row === undefined) return NOT_FOUND;
    return json(200, { [side.list]: others(index, side, row) });
  };

/** `GET /consumer_groups/{group}`: with its members and its plugins. */
export const readGroup: Handler = ({ params: [key = ''] }, deps) => {
  const index = indexOf(deps.config());
  const lookup = lookUp(index, 'consumer_groups', key);
  if (lookup.kind !== 'found') return lookup.response;
  const { row } = lookup;
  const plugins = childrenOf(index, 'plugins', 'consumer_group', row.id);
  return json(200, { consumer_group: row, consumers: others(index, GROUP, row), plugins });
};

/** Written if there is a file to write to. */
const writing =
  (verb: 'create' | 'remove', plan: (request: AdminRequest) => PlanWrite): Handler =>
  (request, deps: AdminDeps) => {
    if (deps.writer === undefined) {
      return operationUnsupported(
        `cannot ${verb} '${MEMBERSHIPS}' entities when not using a database`,
      );
    }
    const { client: who, method, path } = request;
    return deps.writer.write({ who, method, path }, plan(request));
  };

/** What every change of memberships is to the writer: one of the entity that the path names. */
const writeOf = (
  { kind }: Side,
  row: Row,
  edits: readonly FileEdit[],
): Omit<WriteEdit, 'answer'> => ({
  edits,
  subject: { kind, id: row.id },
  before: asFields(row),
  touched: new Set(),
  refuse,
});

const add = (side: Side): Handler =>
  writing('create', (request) => (base): WriteEdit | AdminResponse => {
    const index = indexOf(base.config);
    const row = ownerOf(index, side, request.params[0] ?? '');
    if (row === undefined) return NOT_FOUND;
    const body = entityValues(request, MEMBERSHIPS, {
      plugins: base.schemas,
      pluginName: undefined,
    });
    if ('refusal' in body) return body.refusal;
    const named = namesIn(body.values, side.argument);
    if (named.length === 0) return missingArgument(side.argument);
    const found = named.map((name) => lookUp(index, side.other.kind, name));
    const members = found.flatMap((each) => (each.kind === 'found' ? [each.row] : []));
    if (members.length < found.length) return NOT_FOUND;
    const known = new Set(others(index, side, row).map(({ id }) => id));
    const edits = members
      .filter(({ id }) => !known.has(id))
      .flatMap((member) => {
        const [consumer, group] = side === CONSUMER ? [row, member] : [member, row];
        return membershipEdit({ consumer, group }, index, base);
      });
    return {
      ...writeOf(side, row, edits),
      answer(config) {
        const now = indexOf(config);
        return json(201, { [side.field]: row, [side.list]: others(now, side, row) });
      },
    };
  });

function namesIn(values: Fields, argument: string): readonly string[] {
  const given = values[argument];
  return (Array.isArray(given) ? given : [given]).filter((name) => typeof name === 'string');
}

const missingArgument = (name: string): AdminResponse =>
  entityError('schema violation', `schema violation (${name}: required field missing)`, {
    fields: { [name]: 'required field missing' },
  });

/** All memberships, or the one that the path names. */
const remove = (side: Side): Handler =>
  writing('remove', ({ params: [key = '', otherKey] }) => (base): WriteEdit | AdminResponse => {
    const index = indexOf(base.config);
    const row = ownerOf(index, side, key);
    if (row === undefined) return NOT_FOUND;
    const other = otherKey === undefined ? undefined : lookUp(index, side.other.kind, otherKey);
    if (other !== undefined && other.kind !== 'found') return NOT_FOUND;
    const gone = membershipsOf(index, side, row).filter(
      (each) => other === undefined || referenceOf(each, side.other.field) === other.row.id,
    );
    if (gone.length === 0) return other === undefined ? empty(204) : NOT_FOUND;
    const edits = gone.flatMap((membership) => removalEdits(MEMBERSHIPS, membership, base));
    return { ...writeOf(side, row, edits), answer: () => empty(204) };
  });

const routesOf = (side: Side, path: string, nested: string): readonly AdminRoute[] => [
  {
    pattern: `/${path}/{${side.kind}}/${nested}`,
    methods: { GET: list(side), POST: add(side), DELETE: remove(side) },
  },
  {
    pattern: `/${path}/{${side.kind}}/${nested}/{${side.other.kind}}`,
    methods: { DELETE: remove(side) },
  },
];

export const MEMBERSHIP_ROUTES: readonly AdminRoute[] = [
  ...routesOf(CONSUMER, 'consumers', 'consumer_groups'),
  ...routesOf(GROUP, 'consumer_groups', 'consumers'),
];
