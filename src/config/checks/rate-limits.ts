/** What the rate limiting plugins' configs must and must not say. */
import { isFields, type FieldIssue, type Fields } from './field-issue.ts';

const PERIODS = ['second', 'minute', 'hour', 'day', 'month', 'year'] as const;
/** Kong's own limit: below it, synchronising would be a busy loop. */
const SYNC_RATE_MIN = 0.02;
const REALTIME = -1;

export function checkRateLimiting({ config }: Fields): FieldIssue[] {
  if (!isFields(config)) return [];
  const { policy, sync_rate: syncRate, error_code: status } = config;
  const issues = issueAt(['config'], orderProblem(config, 'The'));
  if (typeof status === 'number' && !isStatus(status)) {
    issues.push(...issueAt(['config', 'error_code'], 'must be an integer between 200 and 599'));
  }
  if (issues.length > 0 || typeof syncRate !== 'number' || syncRate === REALTIME) return issues;
  if (policy !== 'redis') {
    return issueAt(['config'], 'sync_rate can only be used with the redis policy');
  }
  return syncRate < SYNC_RATE_MIN
    ? issueAt(['config'], 'sync_rate must be greater than 0.02, or -1 to disable')
    : [];
}

export function checkResponseRatelimiting({ config }: Fields): FieldIssue[] {
  if (!isFields(config) || !isFields(config['limits'])) return [];
  return Object.values(config['limits'])
    .filter(isFields)
    .flatMap((limit) =>
      issueAt(['config', 'limits'], emptyProblem(limit) ?? orderProblem(limit, 'the')),
    );
}

/** Kong takes any number and answers 500 when it is no status. */
const isStatus = (status: number): boolean =>
  Number.isInteger(status) && status >= 200 && status <= 599;

function issueAt(path: readonly string[], message: string | undefined): FieldIssue[] {
  return message === undefined ? [] : [{ code: 'SB1212', path, message }];
}

function emptyProblem(limit: Fields): string | undefined {
  if (PERIODS.some((period) => typeof limit[period] === 'number')) return undefined;
  const names = PERIODS.map((period) => `'${period}'`).join(', ');
  return `at least one of these fields must be non-empty: ${names}`;
}

/** A longer period that allows less makes the shorter one mean nothing. */
function orderProblem(limits: Fields, article: 'The' | 'the'): string | undefined {
  for (const [i, lower] of PERIODS.entries()) {
    const least = limits[lower];
    if (typeof least !== 'number') continue;
    for (const upper of PERIODS.slice(i + 1)) {
      const most = limits[upper];
      if (typeof most === 'number' && most < least) {
        const [upperText, lowerText] = [most.toFixed(1), least.toFixed(1)];
        return `${article} limit for ${upper}(${upperText}) cannot be lower than the limit for ${lower}(${lowerText})`;
      }
    }
  }
  return undefined;
}
