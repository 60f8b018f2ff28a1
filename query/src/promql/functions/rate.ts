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
  return window.to - window.from < 2 ? undefined : rateOverWindow(window, counter, perSecond, counter ? lastResets(window.values) : null);
}

/** For each sample the index of the last one up to it that lies below its predecessor, 0 where there is none. */
export function lastResets(values: Float64Array): Int32Array {
  const last = new Int32Array(values.length);
  for (let i = 1; i < values.length; i++) last[i] = (values[i] ?? NaN) < (values[i - 1] ?? NaN) ? i : last[i - 1] ?? 0;
  return last;
}

/** Over a window of two samples or more. `resets` are those of the whole series, null for a gauge. */
export function rateOverWindow(window: Window, counter: boolean, perSecond: boolean, resets: Int32Array | null): number {
  const { values, from, to, startMs, endMs } = window;
  const first = values[from] ?? NaN;
  let increase = (values[to - 1] ?? NaN) - first;
  if (resets !== null && (resets[to - 1] ?? 0) > from) {
    for (let i = from + 1; i < to; i++) {
      const previous = values[i - 1] ?? NaN;
      if ((values[i] ?? NaN) < previous) increase += previous;
    }
  }
  const factor = extrapolation(window, counter && increase > 0 && first >= 0 ? first / increase : null);
  return increase * (perSecond ? factor / ((endMs - startMs) / 1000) : factor);
}

/**
 * What an increase between the first and the last sample is to be multiplied by to be that of the whole window. `toZero`:
 * how much further back, in parts of the increase, a counter would have been zero; null where that does not bound it.
 */
export function extrapolation({ timesMs, from, to, startMs, endMs }: Window, toZero: number | null): number {
  const firstMs = timesMs[from] ?? NaN;
  const lastMs = timesMs[to - 1] ?? NaN;
  let toStart = (firstMs - startMs) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  const sampled = (lastMs - firstMs) / 1000;
  const between = sampled / (to - from - 1);
  // Samples this close to an edge are taken to go on up to it; others for half an interval more.
  const threshold = between * 1.1;
  if (toStart >= threshold) toStart = between / 2;
  // A counter does not go below zero: it is not extrapolated beyond the point where it would.
  if (toZero !== null && sampled * toZero < toStart) toStart = sampled * toZero;
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
