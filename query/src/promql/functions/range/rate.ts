import type { RangeKernel, Window } from './window.js';

/** rate, increase, delta and their like (Prometheus' extrapolatedRate, instantValue). */
export const RATES: ReadonlyMap<string, RangeKernel> = new Map<string, RangeKernel>([
  ['rate', (window) => overSamples(window, true, true)],
  ['increase', (window) => overSamples(window, true, false)],
  ['delta', (window) => overSamples(window, false, false)],
  ['irate', (window) => lastTwo(window, true)],
  ['idelta', (window) => lastTwo(window, false)],
  ['changes', changes],
  ['resets', resets],
]);

function overSamples(window: Window, counter: boolean, perSecond: boolean): number | undefined {
  const { timesMs, values, from, to, startMs, endMs } = window;
  return to - from < 2 ? undefined : rateOverWindow(timesMs, values, from, to, startMs, endMs, counter, perSecond, counter ? lastResets(values) : null);
}

/** For each sample the index of the last one up to it that lies below its predecessor; null where there is none at all. */
export function lastResets(values: Float64Array): Int32Array | null {
  let last: Int32Array | null = null;
  let index = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] as number) < (values[i - 1] as number)) {
      last ??= new Int32Array(values.length);
      index = i;
    }
    if (last !== null) last[i] = index;
  }
  return last;
}

/** Over a window of two samples or more. `resets` are those of the whole series, null where there are none. */
export function rateOverWindow(timesMs: Float64Array, values: Float64Array, from: number, to: number, startMs: number, endMs: number, counter: boolean, perSecond: boolean, resets: Int32Array | null): number {
  const first = values[from] as number;
  let increase = (values[to - 1] as number) - first;
  if (resets !== null && (resets[to - 1] as number) > from) {
    for (let i = from + 1; i < to; i++) {
      const previous = values[i - 1] as number;
      if ((values[i] as number) < previous) increase += previous;
    }
  }
  const toZero = counter && increase > 0 && first >= 0 ? first / increase : Infinity;
  const factor = extrapolation(timesMs[from] as number, timesMs[to - 1] as number, to - from, startMs, endMs, toZero);
  return increase * (perSecond ? factor / ((endMs - startMs) / 1000) : factor);
}

/**
 * What an increase between the first and the last of `count` samples is to be multiplied by to be that of the whole window.
 * `toZero`: how much further back, in parts of the increase, a counter would have been zero.
 */
export function extrapolation(firstMs: number, lastMs: number, count: number, startMs: number, endMs: number, toZero: number): number {
  let toStart = (firstMs - startMs) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  const sampled = (lastMs - firstMs) / 1000;
  const between = sampled / (count - 1);
  // Samples this close to an edge are taken to go on up to it; others for half an interval more.
  const threshold = between * 1.1;
  if (toStart >= threshold) toStart = between / 2;
  // A counter does not go below zero: it is not extrapolated beyond the point where it would.
  if (sampled * toZero < toStart) toStart = sampled * toZero;
  if (toEnd >= threshold) toEnd = between / 2;
  return (sampled + toStart + toEnd) / sampled;
}

function lastTwo({ timesMs, values, from, to }: Window, perSecond: boolean): number | undefined {
  if (to - from < 2) return undefined;
  const intervalMs = (timesMs[to - 1] ?? NaN) - (timesMs[to - 2] ?? NaN);
  if (intervalMs === 0) return undefined;
  const last = values[to - 1] ?? NaN;
  const before = values[to - 2] ?? NaN;
  if (!perSecond) return last - before;
  return (last < before ? last : last - before) / (intervalMs / 1000);
}

function changes({ values, from, to }: Window): number {
  let count = 0;
  for (let i = from + 1; i < to; i++) {
    const [before, value] = [values[i - 1] ?? NaN, values[i] ?? NaN];
    if (before !== value && !(Number.isNaN(before) && Number.isNaN(value))) count++;
  }
  return count;
}

function resets({ values, from, to }: Window): number {
  let count = 0;
  for (let i = from + 1; i < to; i++) if ((values[i] ?? NaN) < (values[i - 1] ?? NaN)) count++;
  return count;
}
