/** What the flags of several commands have in common. */
import { Option } from 'commander';

/** For the exit code of a process that ends by itself: 0 done, 1 failed (or different), 2 wrong usage (or trouble). */
export const endWith = (code: 0 | 1 | 2): void => void (process.exitCode = code);

/** Of an option that may be given more than once. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Of an Admin API that a command asks; flag and description. */
export const ADMIN_TOKEN = [
  '--admin-token <token>',
  'for that API; better in SILVERBACK_ADMIN_TOKEN, where no list of processes shows it',
] as const;

export const prettyOrJson = (): Option =>
  new Option('--format <format>', 'how it is written')
    .choices(['pretty', 'json'])
    .default('pretty');
