import { KahanSum, mean } from '../../numbers/kahan.js';
import { quantileOf } from '../../numbers/quantile.js';
import type { RangeKernel, Window } from './window.js';

/** Aggregations over time. */
export const OVER_TIME: ReadonlyMap<string, RangeKernel> = new Map<string, RangeKernel>([
  ['sum_over_time', sum],
  ['avg_over_time', ({ values, from, to }) => mean(values, from, to)],
  ['count_over_time', ({ from, to }) => to - from],
  ['present_over_time', () => 1],
  ['min_over_time', (window) => window.values[extreme(window, (value, best) => value < best)]],
  ['max_over_time', (window) => window.values[extreme(window, (value, best) => value > best)]],
  ['ts_of_min_over_time', (window) => second(window, extreme(window, (value, best) => value <= best))],
  ['ts_of_max_over_time', (window) => second(window, extreme(window, (value, best) => value >= best))],
  ['first_over_time', ({ values, from }) => values[from]],
  ['last_over_time', ({ values, to }) => values[to - 1]],
  ['ts_of_first_over_time', (window) => second(window, window.from)],
  ['ts_of_last_over_time', (window) => second(window, window.to - 1)],
  ['stdvar_over_time', variance],
  ['stddev_over_time', (window) => Math.sqrt(variance(window))],
  ['quantile_over_time', ({ values, from, to }, [quantile = NaN]) => quantileOf(quantile, values.slice(from, to))],
  ['mad_over_time', medianDeviation],
]);

/** Neumaier's summation, as in KahanSum; in numbers of its own, since it runs over every window. */
function sum({ values, from, to }: Window): number {
  let total = 0;
  let lost = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    const next = total + value;
    if (next === Infinity || next === -Infinity) lost = 0;
    else lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

function extreme({ values, from, to }: Window, better: (value: number, best: number) => boolean): number {
  let at = from;
  for (let i = from; i < to; i++) {
    const best = values[at] ?? NaN;
    if (better(values[i] ?? NaN, best) || Number.isNaN(best)) at = i;
  }
  return at;
}

function second({ timesMs }: Window, at: number): number {
  return (timesMs[at] ?? NaN) / 1000;
}

function variance({ values, from, to }: Window): number {
  const average = new KahanSum();
  const squares = new KahanSum();
  for (let i = from; i < to; i++) {
    const value = values[i] ?? NaN;
    const delta = value - average.value;
    average.add(delta / (i - from + 1));
    squares.add(delta * (value - average.value));
  }
  return squares.value / (to - from);
}

function medianDeviation({ values, from, to }: Window): number {
  const part = values.slice(from, to);
  if (part.some((value) => Number.isNaN(value))) return NaN;
  const median = quantileOf(0.5, part);
  return quantileOf(0.5, part.map((value) => Math.abs(value - median)));
}
