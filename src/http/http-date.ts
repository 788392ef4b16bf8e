/** HTTP dates (RFC 9110 section 5.6.7) in their three forms, as leniently as nginx reads them. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The name of the day and the zone are not looked at; every date counts as GMT. */
const IMF_FIXDATE = /^[^, ]*, *(\d\d) ([A-Z][a-z]{2}) (\d{4}) +(\d\d):(\d\d):(\d\d)/;
const RFC_850 = /^[^, ]*, *(\d\d)-([A-Z][a-z]{2})-(\d\d) +(\d\d):(\d\d):(\d\d)/;
const ASCTIME = /^[^, ]* +([A-Z][a-z]{2}) {1,2}(\d{1,2}) +(\d\d):(\d\d):(\d\d) (\d{4})/;

/** Seconds since the epoch, or `undefined` for what is no date. */
export function parseHttpDate(text: string): number | undefined {
  const fixed = IMF_FIXDATE.exec(text) ?? RFC_850.exec(text);
  if (fixed !== null) {
    const [, day, month, year, hour, minute, second] = fixed;
    return secondsOf([fullYear(year), month, day, hour, minute, second]);
  }
  const [, month, day, hour, minute, second, year] = ASCTIME.exec(text) ?? [];
  return secondsOf([year, month, day, hour, minute, second]);
}

/** Two digits are a year from 1970 to 2069. */
function fullYear(year: string | undefined): string | undefined {
  if (year?.length !== 2) return year;
  return Number(year) < 70 ? `20${year}` : `19${year}`;
}

type Parts = readonly [
  year: string | undefined,
  month: string | undefined,
  ...rest: (string | undefined)[],
];

function secondsOf([yearText, monthName = '', ...rest]: Parts): number | undefined {
  const month = MONTHS.indexOf(monthName);
  const [day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number);
  if (month === -1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(Number(yearText), month, day, hour, minute, second));
  // A day that the month has not would have moved on to the next one.
  return date.getUTCMonth() === month && date.getUTCDate() === day
    ? date.getTime() / 1000
    : undefined;
}
