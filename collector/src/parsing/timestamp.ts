import { offsetMinutes, offsetText, type Zone } from './time-zone.js';

/** A point in time as a text gave it. */
export interface ParsedTime {
  /** Unix time in nanoseconds. */
  readonly ns: bigint;
  /** The zone as it was written (`+02:00`, `-0700`); '' for UTC, and where none was written. */
  readonly zone: string;
}

const ISO = /^(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9})\d*)?\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/;
const ACCESS = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))? ([+-]\d{4})$/;
const EPOCH = /^(\d{9,19})(?:\.(\d{1,9})\d*)?$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Reads what logs write: RFC 3339 and its relatives (a space for the T, a comma before the fraction, no zone: then
 * `defaultZone`), the format of access logs (`10/Oct/2000:13:55:36 -0700`), and Unix times, whose unit is told by their size.
 */
export function parseTime(text: string, defaultZone: Zone = ''): ParsedTime | null {
  let match = ISO.exec(text);
  if (match) return compose(Number(match[1]), Number(match[2]), Number(match[3]), Number(match[4]), Number(match[5]), Number(match[6]), match[7] ?? '', match[8] ?? defaultZone);
  match = ACCESS.exec(text);
  if (match) return compose(Number(match[3]), MONTHS.indexOf(match[2]!) + 1, Number(match[1]), Number(match[4]), Number(match[5]), Number(match[6]), match[7] ?? '', match[8]!);
  match = EPOCH.exec(text);
  if (!match) return null;
  const scale = epochScale(match[1]!.length);
  const fraction = scale === 1_000_000_000n ? BigInt((match[2] ?? '').padEnd(9, '0')) : 0n;
  return { ns: BigInt(match[1]!) * scale + fraction, zone: '' };
}

/** Unix time of a number: seconds, milliseconds, microseconds or nanoseconds, by its size; null for what no clock shows. */
export function timeOfNumber(value: number | bigint): bigint | null {
  const digits = (typeof value === 'bigint' ? value : Math.trunc(value)).toString();
  if (!/^\d{9,19}$/.test(digits)) return null;
  const scale = epochScale(digits.length);
  if (typeof value === 'bigint') return value * scale;
  // A double has no more than microseconds of a time of today.
  const whole = Math.trunc(value);
  return BigInt(whole) * scale + (scale === 1n ? 0n : BigInt(Math.round((value - whole) * 1e6)) * (scale / 1000n) / 1000n);
}

function epochScale(digits: number): bigint {
  if (digits <= 11) return 1_000_000_000n;
  if (digits <= 14) return 1_000_000n;
  return digits <= 17 ? 1000n : 1n;
}

/** Unix time in nanoseconds of a date with its zone (`Z`, `+02:00`, `-0700`, '', or one with a name); null where there is no such date. */
export function compose(year: number, month: number, day: number, hour: number, minute: number, second: number, fraction: string, zone: Zone): ParsedTime | null {
  const days = daysFromCivil(year, month, day);
  if (days === null || hour > 23 || minute > 59 || second > 60) return null;
  const local = days * 86_400 + hour * 3600 + minute * 60 + second;
  const offset = typeof zone === 'string' ? offsetMinutes(zone) : zone.offsetAt(local * 1000);
  if (offset === null) return null;
  const nanoseconds = fraction === '' ? 0n : BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  const written = typeof zone !== 'string' ? offsetText(offset) : zone === '' || /^[zZUG]/.test(zone) ? '' : zone;
  return { ns: BigInt(local - offset * 60) * 1_000_000_000n + nanoseconds, zone: written };
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 in the Gregorian calendar; null where there is no such day. Years that 64 bits of nanoseconds hold: 1970 to 2553. */
export function daysFromCivil(year: number, month: number, day: number): number | null {
  if (year < 1970 || year > 2553 || month < 1 || month > 12 || day < 1) return null;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (day > DAYS_IN_MONTH[month - 1]! + (leap && month === 2 ? 1 : 0)) return null;
  // The year begins in March, so that its last day is the leap day.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}
