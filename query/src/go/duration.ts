/** Go's time.Duration as text, since Jaeger, Tempo and Loki read and write durations in it. Durations are nanoseconds. */

const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9,
};

const MAX_NS = 9_223_372_036_854_775_807n;

/** The text is not a duration; the message is the one of Go's time.ParseDuration. */
export class DurationError extends Error {}

/** Reads what time.ParseDuration reads: `1h30m`, `1.5s`, `-20ms`, `0`. Throws DurationError. */
export function parseGoDuration(text: string): bigint {
  const invalid = new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  let rest = text;
  const negative = rest.startsWith('-');
  if (negative || rest.startsWith('+')) rest = rest.slice(1);
  if (rest === '0') return 0n;
  if (rest === '') throw invalid;
  let total = 0n;
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const whole = number?.[1] ?? '';
    const fraction = number?.[2] ?? '';
    if (whole === '' && fraction === '') throw invalid;
    rest = rest.slice(number?.[0].length ?? 0);
    const unit = /^[^\d.]+/.exec(rest)?.[0];
    if (unit === undefined) throw new DurationError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const unitNs = UNITS_NS[unit];
    if (unitNs === undefined) throw new DurationError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    rest = rest.slice(unit.length);
    total += BigInt(whole === '' ? 0 : whole) * BigInt(unitNs);
    if (fraction !== '') total += (BigInt(fraction) * BigInt(unitNs)) / 10n ** BigInt(fraction.length);
    if (total > MAX_NS) throw invalid;
  }
  return negative ? -total : total;
}

/** Writes what time.Duration's String writes: `1.5ms`, `2m0s`. */
export function formatGoDuration(ns: bigint): string {
  if (ns === 0n) return '0s';
  const sign = ns < 0n ? '-' : '';
  const abs = ns < 0n ? -ns : ns;
  if (abs < 1_000_000_000n) {
    const [unit, digits] = abs < 1_000n ? (['ns', 0] as const) : abs < 1_000_000n ? (['µs', 3] as const) : (['ms', 6] as const);
    return `${sign}${decimal(abs, digits)}${unit}`;
  }
  const seconds = decimal(abs % 60_000_000_000n, 9);
  const minutes = abs / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}s`;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}s`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

function decimal(value: bigint, digits: number): string {
  if (digits === 0) return value.toString();
  const text = value.toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -digits) : `${text.slice(0, -digits)}.${fraction}`;
}
