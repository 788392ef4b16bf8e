/** One version of the declarative files, as it is kept. */
import { isObject, parseJson } from '../../http/json.ts';

/** A file of the operator's, whole. */
export interface VersionFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** Who made a version. */
export type VersionAuthor =
  /** Whoever may write the files. */
  | { readonly kind: 'file' }
  | {
      readonly kind: 'admin';
      readonly address: string | null;
      /** Names of its token and its certificate. */
      readonly token: string | null;
      readonly certificate: string | null;
    }
  /** A user of this machine, with a command. */
  | { readonly kind: 'command'; readonly user: string };

export interface Version {
  /** Counts from 1, without gaps while nothing goes wrong. */
  readonly number: number;
  /** ISO 8601, in UTC. */
  readonly time: string;
  readonly who: VersionAuthor;
  /** One line for people; never a secret. */
  readonly what: string;
  /** `declarative_config`: the files and folders that it was read from. */
  readonly paths: readonly string[];
  /** In the order in which they make one config. */
  readonly files: readonly VersionFile[];
}

/** The version in a file of the store, or `undefined` for what is none. */
export function parseVersion(number: number, bytes: Buffer): Version | undefined {
  const value = parseJson(bytes)?.value;
  if (!isObject(value)) return undefined;
  const { time, what, paths, files } = value;
  const who = parseAuthor(value['who']);
  if (typeof time !== 'string' || typeof what !== 'string' || who === undefined) return undefined;
  if (!Array.isArray(paths) || !Array.isArray(files)) return undefined;
  return {
    number,
    time,
    who,
    what,
    paths: paths.filter((path) => typeof path === 'string'),
    files: files.flatMap(parseFile),
  };
}

function parseFile(value: unknown): readonly VersionFile[] {
  if (!isObject(value)) return [];
  const { path, text } = value;
  return typeof path === 'string' && typeof text === 'string' ? [{ path, text }] : [];
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function parseAuthor(value: unknown): VersionAuthor | undefined {
  if (!isObject(value)) return undefined;
  switch (value['kind']) {
    case 'file':
      return { kind: 'file' };
    case 'admin':
      return {
        kind: 'admin',
        address: textOrNull(value['address']),
        token: textOrNull(value['token']),
        certificate: textOrNull(value['certificate']),
      };
    case 'command':
      return { kind: 'command', user: textOrNull(value['user']) ?? '?' };
    default:
      return undefined;
  }
}

/** Whether two versions hold the same files with the same texts, in whatever order. */
export function haveSameFiles(a: readonly VersionFile[], b: readonly VersionFile[]): boolean {
  const texts = new Map(b.map(({ path, text }) => [path, text]));
  return a.length === texts.size && a.every(({ path, text }) => texts.get(path) === text);
}
