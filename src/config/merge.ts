/** Several files as one document: lists are joined, and every path still leads to its file. */
import { isDeepStrictEqual } from 'node:util';
import type { ConfigIssue, ConfigPath } from '../errors.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import { migrateDocument } from './migrate.ts';
import type { LocatePath } from './positions.ts';
import { isEntityKind } from './schemas.ts';

/** One file's part of a document. */
export interface FileDocument {
  readonly document: Fields;
  readonly locate: LocatePath | undefined;
}

export interface MergedDocument {
  /** In the form of format 3.0. */
  readonly document: Fields;
  /** As it was before; that of several files is not kept. */
  readonly written: Fields;
  readonly locate: LocatePath | undefined;
  /** The path inside of the file that has it. */
  readonly ownPath: (path: ConfigPath) => ConfigPath;
  /** Which of the files that is, counted from 0. */
  readonly fileOf: (path: ConfigPath) => number;
  /** Where files contradict each other; with their positions. */
  readonly issues: readonly ConfigIssue[];
}

/** Each file is read by the rules of its own format; a single one is its own document. */
export function mergeDocuments(files: readonly FileDocument[]): MergedDocument {
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) {
    const document = migrateDocument(only.document);
    const { document: written, locate } = only;
    return { document, written, locate, ownPath: (path) => path, fileOf: () => 0, issues: [] };
  }
  const issues: ConfigIssue[] = [];
  const migrated = migrateAll(files, issues);
  const names = new Set(migrated.flatMap(({ document }) => Object.keys(document)));
  const members = [...names].map((name): Member => joinMember(name, migrated, issues));
  const byName = new Map(members.map((member) => [member.name, member]));
  const placeOf = (path: ConfigPath): Place =>
    byName.get(String(path[0]))?.placeOf(path) ?? { file: migrated[0], path };
  const document = Object.fromEntries(members.map(({ name, value }) => [name, value]));
  return {
    document,
    written: document,
    locate(path, ...rest) {
      const place = placeOf(path);
      return place.file?.locate?.(place.path, ...rest);
    },
    ownPath: (path) => placeOf(path).path,
    fileOf: (path) => migrated.findIndex((file) => file === placeOf(path).file),
    issues,
  };
}

interface Place {
  readonly file: FileDocument | undefined;
  readonly path: ConfigPath;
}

/** A member of the merged document. */
interface Member {
  readonly name: string;
  readonly value: unknown;
  readonly placeOf: (path: ConfigPath) => Place;
}

/** A file without a version is read as the others are, when they agree. */
function migrateAll(files: readonly FileDocument[], issues: ConfigIssue[]): FileDocument[] {
  const versioned = files.filter(({ document }) => versionOf(document) !== undefined);
  const versions = new Set(versioned.map(({ document }) => versionOf(document)));
  const [common] = versions;
  return files.map((file) => {
    const isSilent = versionOf(file.document) === undefined;
    if (isSilent && versions.size > 1) issues.push(unclearVersion(file, versioned));
    const document =
      isSilent && common !== undefined ? withVersion(file.document, common) : file.document;
    return { ...file, document: migrateDocument(document) };
  });
}

const versionOf = (document: Fields): unknown => document['_format_version'] ?? undefined;

const withVersion = (document: Fields, version: unknown): Fields => ({
  ...document,
  _format_version: version,
});

function unclearVersion(file: FileDocument, versioned: readonly FileDocument[]): ConfigIssue {
  return {
    code: 'SB1520',
    path: ['_format_version'],
    message: 'required field missing',
    summary: "'_format_version' is missing, and the other files have different ones",
    ...positionOf(file, []),
    related: versioned.map((other) => ({
      message: `another file has '${String(versionOf(other.document))}'`,
      range: other.locate?.(['_format_version']),
    })),
  };
}

const positionOf = ({ locate }: FileDocument, path: ConfigPath): Pick<ConfigIssue, 'position'> => {
  const position = locate?.(path);
  return position === undefined ? {} : { position };
};

function joinMember(name: string, files: readonly FileDocument[], issues: ConfigIssue[]): Member {
  const owners = files.filter(({ document }) => Object.hasOwn(document, name));
  if (isEntityKind(name) || name === '_ignore') return joinLists(name, owners);
  if (name === '_info' || name === '_plugin_configs') return joinRecords(name, owners, issues);
  if (name === '_transform') issues.push(...mixedTransform(files));
  if (name === '_workspace' || name === '_konnect') issues.push(...differing(name, owners));
  const [first] = owners;
  return {
    name,
    value: first?.document[name],
    placeOf: (path) => ({ file: first, path }),
  };
}

/** What is no list where one belongs stays alone, to be refused in its place. */
function joinLists(name: string, owners: readonly FileDocument[]): Member {
  const wrong = owners.find(({ document }) => !Array.isArray(document[name] ?? []));
  if (wrong !== undefined) {
    return { name, value: wrong.document[name], placeOf: (path) => ({ file: wrong, path }) };
  }
  const joined: unknown[] = [];
  const parts = owners.map((file) => {
    const start = joined.length;
    const list = file.document[name];
    if (Array.isArray(list)) for (const element of list) joined.push(element);
    return { file, start };
  });
  return {
    name,
    value: joined,
    placeOf([, index, ...rest]) {
      const part = parts.findLast(({ start }) => typeof index === 'number' && start <= index);
      if (typeof index !== 'number' || part === undefined) return { file: owners[0], path: [name] };
      return { file: part.file, path: [name, index - part.start, ...rest] };
    },
  };
}

/** Records of decK's: members come together, and may not contradict each other. */
function joinRecords(name: string, owners: readonly FileDocument[], issues: ConfigIssue[]): Member {
  let value: unknown;
  for (const [index, owner] of owners.entries()) {
    const clash = (path: ConfigPath): void => {
      const before = owners.slice(0, index).find(({ document }) => hasPath(document, path));
      issues.push(contradiction(path, { first: before, second: owner }));
    };
    value =
      index === 0 ? owner.document[name] : joinValues(value, owner.document[name], [name], clash);
  }
  return {
    name,
    value,
    placeOf: (path) => ({
      file: owners.find(({ document }) => hasPath(document, path)) ?? owners[0],
      path,
    }),
  };
}

function joinValues(
  before: unknown,
  next: unknown,
  path: ConfigPath,
  clash: (path: ConfigPath) => void,
): unknown {
  if (Array.isArray(before) && Array.isArray(next)) return [...before, ...next];
  if (isFields(before) && isFields(next)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(next)])];
    return Object.fromEntries(
      names.map((name) => {
        const isShared = Object.hasOwn(before, name) && Object.hasOwn(next, name);
        const one = Object.hasOwn(before, name) ? before[name] : next[name];
        const value = isShared ? joinValues(before[name], next[name], [...path, name], clash) : one;
        return [name, value];
      }),
    );
  }
  if (!isDeepStrictEqual(before, next)) clash(path);
  return before;
}

function hasPath(document: Fields, path: ConfigPath): boolean {
  let value: unknown = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = Reflect.get(value, step);
  }
  return true;
}

/** A password is a digest in one file and a text in another: no value would do for both. */
function mixedTransform(files: readonly FileDocument[]): ConfigIssue[] {
  const keeps = files.find(({ document }) => document['_transform'] === false);
  const digests = files.find(({ document }) => document['_transform'] !== false);
  if (keeps === undefined || digests === undefined) return [];
  return [
    {
      code: 'SB1521',
      path: ['_transform'],
      message: "'_transform' is false in one file and true in another",
      ...positionOf(keeps, ['_transform']),
      related: [{ message: 'here it is true', range: digests.locate?.(['_transform']) }],
    },
  ];
}

function differing(name: string, owners: readonly FileDocument[]): ConfigIssue[] {
  const [first, ...others] = owners;
  const value = first?.document[name];
  const second = others.find(({ document }) => !isDeepStrictEqual(document[name], value));
  return second === undefined ? [] : [contradiction([name], { first, second })];
}

function contradiction(
  path: ConfigPath,
  { first, second }: { readonly first: FileDocument | undefined; readonly second: FileDocument },
): ConfigIssue {
  return {
    code: 'SB1522',
    path,
    message: `'${path.join('.')}' differs between two files`,
    ...positionOf(second, path),
    related: [{ message: 'the other value', range: first?.locate?.(path) }],
  };
}
