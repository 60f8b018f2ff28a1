import { goQuote } from '../../go/strconv.js';

/** Prometheus' durations: `1h30m`, `500ms`; units in falling order, each once. */

const UNITS: readonly (readonly [unit: string, ms: number])[] = [['y', 31_536_000_000], ['w', 604_800_000], ['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1]];

/** Milliseconds that a Go time.Duration can hold. */
export const MAX_DURATION_MS = 9_223_372_036_854;

/** Not a duration; the message is Prometheus' own. */
export class PrometheusDurationError extends Error {}

/** Milliseconds. Throws PrometheusDurationError. */
export function parsePrometheusDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new PrometheusDurationError('empty duration string');
  const bad = () => new PrometheusDurationError(`not a valid duration string: ${goQuote(text)}`);
  let totalMs = 0;
  let last = -1;
  for (let rest = text; rest !== '';) {
    const [part = '', count = '', unit = ''] = /^(\d+)(\D*)/.exec(rest) ?? [];
    if (unit === '' || BigInt(count) >= 2n ** 64n) throw bad();
    const index = UNITS.findIndex(([name]) => name === unit);
    if (index < 0) throw new PrometheusDurationError(`unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`);
    if (index <= last) throw bad();
    last = index;
    totalMs += Number(count) * (UNITS[index]?.[1] ?? NaN);
    if (totalMs > MAX_DURATION_MS) throw new PrometheusDurationError('duration out of range');
    rest = rest.slice(part.length);
  }
  return totalMs;
}

/** As Prometheus writes a duration: `1d1h30m`; weeks and years only where nothing is left over. */
export function formatPrometheusDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = Math.abs(ms);
  let text = ms < 0 ? '-' : '';
  for (const [unit, size] of UNITS) {
    const exactOnly = unit === 'y' || unit === 'w';
    if (exactOnly && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) {
      text += `${count}${unit}`;
      rest -= count * size;
    }
  }
  return text;
}
