/** Stretches of time as people write them. */

const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);

/** `90s`, `15m`, `1h`, `7d`, also negative ones; `never` is `undefined`. */
export function parseLifetime(text: string): number | undefined {
  if (text === 'never') return undefined;
  const [, amount, unit = 's'] = /^(-?\d{1,9})([smhd]?)$/.exec(text) ?? [];
  const seconds = UNIT_SECONDS.get(unit === '' ? 's' : unit);
  if (amount === undefined || seconds === undefined) {
    throw new Error(`'${text}' is no time; write 90s, 15m, 1h, 7d or never`);
  }
  return Number(amount) * seconds;
}
