import { namedZone } from '../../parsing/time-zone.js';
const NS_PER_SECOND = 1_000_000_000n;
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The calendar of a time in UTC; `nanosecond` within its second. */
export function calendarOf(ns: bigint): { readonly date: Date; readonly nanosecond: number } {
  const seconds = ns / NS_PER_SECOND - (ns % NS_PER_SECOND < 0n ? 1n : 0n);
  return { date: new Date(Number(seconds) * 1000), nanosecond: Number(ns - seconds * NS_PER_SECOND) };
}

/** `2024-05-01T10:00:00.123456789Z`, with as much of the fraction as there is. */
export function formatRfc3339(ns: bigint): string {
  const { date, nanosecond } = calendarOf(ns);
  const fraction = nanosecond === 0 ? '' : `.${String(nanosecond).padStart(9, '0').replace(/0+$/, '')}`;
  return date.toISOString().replace(/\.\d+Z$/, `${fraction}Z`);
}

const two = (value: number): string => String(value).padStart(2, '0');

const FORMATTERS: Readonly<Record<string, (date: Date, nanosecond: number) => string>> = {
  Y: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2, ' '),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  L: (_date, nanosecond) => String(nanosecond).padStart(9, '0').slice(0, 3),
  f: (_date, nanosecond) => String(nanosecond).padStart(9, '0').slice(0, 6),
  s: (_date, nanosecond) => String(nanosecond).padStart(9, '0'),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  z: () => '+0000',
  Z: () => 'UTC',
  j: (date) => String(Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1).padStart(3, '0'),
  a: (date) => DAYS[date.getUTCDay()].slice(0, 3),
  A: (date) => DAYS[date.getUTCDay()],
  b: (date) => MONTHS[date.getUTCMonth()].slice(0, 3),
  h: (date) => MONTHS[date.getUTCMonth()].slice(0, 3),
  B: (date) => MONTHS[date.getUTCMonth()],
  F: (date) => date.toISOString().slice(0, 10),
  T: (date) => date.toISOString().slice(11, 19),
  '%': () => '%',
};

/** Directives as strftime has them. @throws Error for one that is not known */
export function formatTime(layout: string): (ns: bigint) => string {
  checkLayout(layout, FORMATTERS);
  return (ns) => {
    const { date, nanosecond } = calendarOf(ns);
    return layout.replace(/%(.)/g, (_whole, directive: string) => FORMATTERS[directive](date, nanosecond));
  };
}

interface Parsed {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  pm: boolean | null;
  offsetMinutes: number | null;
  epochSeconds: bigint | null;
}

const monthIndex = (text: string): number => MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase()) + 1;
const fraction = (parsed: Parsed, text: string): void => void (parsed.nanosecond = Number(text.slice(0, 9).padEnd(9, '0')));
const MONTH_NAMES = MONTHS.map((name) => `${name}|${name.slice(0, 3)}`).join('|');
const DAY_NAMES = DAYS.map((name) => `${name}|${name.slice(0, 3)}`).join('|');

const PARSERS: Readonly<Record<string, readonly [pattern: string, read: (parsed: Parsed, text: string) => void]>> = {
  Y: ['\\d{4}', (parsed, text) => void (parsed.year = Number(text))],
  y: ['\\d{2}', (parsed, text) => void (parsed.year = Number(text) + (Number(text) < 69 ? 2000 : 1900))],
  m: ['\\d{1,2}', (parsed, text) => void (parsed.month = Number(text))],
  d: ['\\d{1,2}', (parsed, text) => void (parsed.day = Number(text))],
  e: [' ?\\d{1,2}', (parsed, text) => void (parsed.day = Number(text))],
  H: ['\\d{1,2}', (parsed, text) => void (parsed.hour = Number(text))],
  I: ['\\d{1,2}', (parsed, text) => void (parsed.hour = Number(text))],
  M: ['\\d{1,2}', (parsed, text) => void (parsed.minute = Number(text))],
  S: ['\\d{1,2}', (parsed, text) => void (parsed.second = Number(text))],
  L: ['\\d{1,9}', fraction],
  f: ['\\d{1,9}', fraction],
  s: ['\\d{1,12}', (parsed, text) => void (parsed.epochSeconds = BigInt(text))],
  p: ['AM|PM|am|pm', (parsed, text) => void (parsed.pm = text.toLowerCase() === 'pm')],
  z: ['Z|[-+]\\d{2}:?\\d{2}', (parsed, text) => void (parsed.offsetMinutes = text === 'Z' ? 0 : (text.startsWith('-') ? -1 : 1) * (Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))))],
  Z: ['UTC|GMT|Z', (parsed) => void (parsed.offsetMinutes = 0)],
  j: ['\\d{3}', (parsed, text) => void ((parsed.month = 1), (parsed.day = Number(text)))],
  a: [DAY_NAMES, () => undefined],
  A: [DAY_NAMES, () => undefined],
  b: [MONTH_NAMES, (parsed, text) => void (parsed.month = monthIndex(text))],
  h: [MONTH_NAMES, (parsed, text) => void (parsed.month = monthIndex(text))],
  B: [MONTH_NAMES, (parsed, text) => void (parsed.month = monthIndex(text))],
  '%': ['%', () => undefined],
};

const SHORT: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S', D: '%m/%d/%y' };

function checkLayout(layout: string, known: Readonly<Record<string, unknown>>): void {
  for (const [whole, directive] of layout.matchAll(/%(.?)/g)) {
    if (!Object.hasOwn(known, directive)) throw new Error(`the time format has '${whole}', which is not known (known: ${Object.keys(known).map((key) => `%${key}`).join(' ')})`);
  }
}

/** A reader of times by strptime's directives; it answers null for texts of another form. @throws Error for a directive that is not known */
export function timeParser(layout: string, offsetMinutesOfZone: (localMs: number) => number): (text: string) => bigint | null {
  const expanded = layout.replace(/%([FTD])/g, (_whole, directive: string) => SHORT[directive]);
  checkLayout(expanded, PARSERS);
  const readers: ((parsed: Parsed, text: string) => void)[] = [];
  // Every directive matches a bounded number of characters, so the expression runs in linear time.
  const source = expanded.replace(/%(.)|([^%]+)/g, (_whole, directive: string | undefined, literal: string | undefined) => {
    if (directive === undefined) return (literal ?? '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    const [pattern, read] = PARSERS[directive];
    readers.push(read);
    return `(${pattern})`;
  });
  const regexp = new RegExp(`^${source}$`);
  return (text) => {
    const match = text.length > 256 ? null : regexp.exec(text);
    if (!match) return null;
    const parsed: Parsed = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0, pm: null, offsetMinutes: null, epochSeconds: null };
    readers.forEach((read, i) => read(parsed, match[i + 1]));
    return toNs(parsed, offsetMinutesOfZone);
  };
}

function toNs(parsed: Parsed, offsetMinutesOfZone: (localMs: number) => number): bigint | null {
  const { year, month, day, minute, second, nanosecond, pm, offsetMinutes, epochSeconds } = parsed;
  if (epochSeconds !== null) return epochSeconds * NS_PER_SECOND + BigInt(nanosecond);
  const hour = pm === null ? parsed.hour : (parsed.hour % 12) + (pm ? 12 : 0);
  if (month < 1 || month > 12 || day < 1 || day > 366 || hour > 24 || minute > 59 || second > 60) return null;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const offset = offsetMinutes ?? offsetMinutesOfZone(localMs);
  return BigInt(localMs - offset * 60_000) * 1_000_000n + BigInt(nanosecond);
}

/** Minutes that a zone (`Europe/Berlin`) is ahead of UTC at a local time. @throws Error for a zone that is not known */
export function zoneOffset(zone: string): (localMs: number) => number {
  if (zone === 'UTC' || zone === '') return () => 0;
  const named = namedZone(zone);
  if (named === null) throw new Error(`there is no time zone '${zone}'`);
  return (localMs) => named.offsetAt(localMs);
}
