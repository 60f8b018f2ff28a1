import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { sameHistogram, wasReset } from '../../histogram/compare.js';
import { averageOf, sumOf } from '../../histogram/sum/totals.js';
import { HISTOGRAM_RATES } from './histogram-rate.js';
import type { MixedKernel, MixedWindow, RangeNotes } from './mixed-window.js';
import { floatCount, histogramCount, histogramsIn, samplesIn } from './mixed-window.js';
import { OVER_TIME } from './over-time.js';
import { TRENDS, checkFactors } from './trend.js';
import type { RangeKernel } from './window.js';

/** Functions over ranges that have histograms. */
export const MIXED: ReadonlyMap<string, MixedKernel> = new Map<string, MixedKernel>([
  ...HISTOGRAM_RATES,
  ...floatsAlone(OVER_TIME, ['min_over_time', 'max_over_time', 'ts_of_min_over_time', 'ts_of_max_over_time', 'stdvar_over_time', 'stddev_over_time', 'quantile_over_time', 'mad_over_time']),
  ...floatsAlone(TRENDS, ['deriv', 'predict_linear', 'double_exponential_smoothing']),
  ['sum_over_time', (window, params, notes) => total(window, params, notes, 'sum_over_time')],
  ['avg_over_time', (window, params, notes) => total(window, params, notes, 'avg_over_time')],
  ['count_over_time', (window) => floatCount(window) + histogramCount(window)],
  ['present_over_time', () => 1],
  ['first_over_time', (window) => samplesIn(window)[0]?.sample],
  ['last_over_time', (window) => samplesIn(window).at(-1)?.sample],
  ['ts_of_first_over_time', (window) => (samplesIn(window)[0]?.timeMs ?? NaN) / 1000],
  ['ts_of_last_over_time', (window) => (samplesIn(window).at(-1)?.timeMs ?? NaN) / 1000],
  ['changes', (window) => countPairs(window, (a, b) => a !== b && !(Number.isNaN(a) && Number.isNaN(b)), (a, b) => !sameHistogram(a, b))],
  ['resets', (window) => countPairs(window, (before, value) => value < before, (before, histogram) => wasReset(histogram, before))],
]);

/** Functions that take floats and leave histograms out, and say so where there are both. */
function floatsAlone(kernels: ReadonlyMap<string, RangeKernel>, names: readonly string[]): [string, MixedKernel][] {
  return names.map((name) => [name, (window, params, { annotations, metric, range }) => {
    // The factors count even where there is nothing to smooth.
    if (name === 'double_exponential_smoothing') checkFactors(params);
    if (floatCount(window) === 0) return undefined;
    if (histogramCount(window) > 0) annotations.histogramIgnoredInMixedRange(metric, range);
    return kernels.get(name)?.(window.floats, params);
  }]);
}

function total(window: MixedWindow, params: readonly number[], { annotations, metric, range }: RangeNotes, name: 'sum_over_time' | 'avg_over_time'): number | NativeHistogram | undefined {
  if (histogramCount(window) === 0) return OVER_TIME.get(name)?.(window.floats, params);
  if (floatCount(window) > 0) {
    annotations.mixedFloatsAndHistograms(metric, range);
    return undefined;
  }
  const found = (name === 'sum_over_time' ? sumOf : averageOf)(histogramsIn(window), window.sum);
  if (found.histogram === null) {
    annotations.mixedSchemas(metric, range);
    return undefined;
  }
  if (found.collided) annotations.counterResetCollision('aggregation', range);
  if (found.reconciled) annotations.boundsReconciled('aggregation', range);
  return found.histogram;
}

/** Neighbours that differ; a change between float and histogram is one. */
function countPairs(window: MixedWindow, floats: (before: number, value: number) => boolean, histograms: (before: NativeHistogram, histogram: NativeHistogram) => boolean): number {
  let count = 0;
  let before: number | NativeHistogram | undefined;
  for (const { sample } of samplesIn(window)) {
    if (before !== undefined) {
      if (typeof before === 'number' && typeof sample === 'number') count += Number(floats(before, sample));
      else if (typeof before !== 'number' && typeof sample !== 'number') count += Number(histograms(before, sample));
      else count++;
    }
    before = sample;
  }
  return count;
}
