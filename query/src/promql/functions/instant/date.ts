/** Parts of a time in UTC; the value is in Unix seconds. */
export const DATES: ReadonlyMap<string, (seconds: number) => number> = new Map([
  ['minute', part((date) => date.getUTCMinutes())],
  ['hour', part((date) => date.getUTCHours())],
  ['day_of_week', part((date) => date.getUTCDay())],
  ['day_of_month', part((date) => date.getUTCDate())],
  ['day_of_year', part((date) => Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1)],
  ['days_in_month', part((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate())],
  ['month', part((date) => date.getUTCMonth() + 1)],
  ['year', part((date, years) => date.getUTCFullYear() + years)],
]);

/** After this many years the calendar repeats, weekdays too. */
const CYCLE_YEARS = 400;
const CYCLE_SECONDS = 146_097n * 86_400n;

/** Seconds beyond which a date is taken from another cycle of the calendar; a Date holds some more. */
const PLAIN = 8e12;

/** Go counts from this year on, with 64 bits. */
const FIRST_SECOND = -9_223_371_966_579_724_800n;

/** `years` are those of whole cycles that the date lacks. */
function part(of: (date: Date, years: number) => number): (seconds: number) => number {
  return (seconds) => {
    if (Math.abs(seconds) < PLAIN) return of(new Date(Math.trunc(seconds) * 1000), 0);
    // What is no integer of 64 bits (NaN, infinities) is converted to the least one, as on amd64.
    const whole = Math.abs(seconds) < 2 ** 63 ? BigInt(Math.trunc(seconds)) : -(2n ** 63n);
    const since = BigInt.asUintN(64, whole - FIRST_SECOND) + FIRST_SECOND;
    const within = ((since % CYCLE_SECONDS) + CYCLE_SECONDS) % CYCLE_SECONDS;
    return of(new Date(Number(within) * 1000), Number((since - within) / CYCLE_SECONDS) * CYCLE_YEARS);
  };
}
