import type { RangeKernel, Window } from './window.js';

/** rate, increase, delta and their like (Prometheus' extrapolatedRate, instantValue). */
export const RATES: ReadonlyMap<string, RangeKernel> = new Map<string, RangeKernel>([
  ['rate', (window) => extrapolated(window, true, true)],
  ['increase', (window) => extrapolated(window, true, false)],
  ['delta', (window) => extrapolated(window, false, false)],
  ['irate', (window) => lastTwo(window, true)],
  ['idelta', (window) => lastTwo(window, false)],
  ['changes', changes],
  ['resets', resets],
]);

function extrapolated({ timesMs, values, from, to, startMs, endMs }: Window, counter: boolean, perSecond: boolean): number | undefined {
  const intervals = to - from - 1;
  if (intervals < 1) return undefined;
  const first = values[from] ?? NaN;
  let increase = (values[to - 1] ?? NaN) - first;
  if (counter) {
    let previous = first;
    for (let i = from + 1; i < to; i++) {
      const value = values[i] ?? NaN;
      if (value < previous) increase += previous;
      previous = value;
    }
  }
  const firstMs = timesMs[from] ?? NaN;
  const lastMs = timesMs[to - 1] ?? NaN;
  let toStart = (firstMs - startMs) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  const sampled = (lastMs - firstMs) / 1000;
  const between = sampled / intervals;
  // Samples this close to an edge are taken to go on up to it; others for half an interval more.
  const threshold = between * 1.1;
  if (toStart >= threshold) toStart = between / 2;
  if (counter) {
    // A counter does not go below zero: it is not extrapolated beyond the point where it would.
    const toZero = increase > 0 && first >= 0 ? sampled * (first / increase) : toStart;
    if (toZero < toStart) toStart = toZero;
  }
  if (toEnd >= threshold) toEnd = between / 2;
  const factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
  return increase * (perSecond ? factor / ((endMs - startMs) / 1000) : factor);
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
