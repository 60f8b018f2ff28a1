/** Parts of a time in UTC; the value is in Unix seconds. */
export const DATES: ReadonlyMap<string, (seconds: number) => number> = new Map([
  ['minute', part((date) => date.getUTCMinutes())],
  ['hour', part((date) => date.getUTCHours())],
  ['day_of_week', part((date) => date.getUTCDay())],
  ['day_of_month', part((date) => date.getUTCDate())],
  ['day_of_year', part((date) => Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1)],
  ['days_in_month', part((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate())],
  ['month', part((date) => date.getUTCMonth() + 1)],
  ['year', part((date) => date.getUTCFullYear())],
]);

function part(of: (date: Date) => number): (seconds: number) => number {
  // A value that is no time (NaN, beyond what a date holds) gives NaN.
  return (seconds) => of(new Date(Math.trunc(seconds) * 1000));
}
