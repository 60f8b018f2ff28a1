import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { usesCustomBuckets } from '../../histogram/buckets.js';
import { wasReset } from '../../histogram/compare.js';
import { hinted } from '../../histogram/hints.js';
import { divided, multiplied } from '../../histogram/scale.js';
import { HistogramSum, IncompatibleSchemas } from '../../histogram/sum/sum.js';
import type { MixedKernel, MixedWindow, RangeNotes } from './mixed-window.js';
import { floatCount, histogramCount, histogramsIn, rowsOf, samplesIn } from './mixed-window.js';
import { RATES, extrapolation } from './rate.js';

/** rate and its like over histograms (Prometheus' histogramRate, instantValue). */
export const HISTOGRAM_RATES: readonly (readonly [string, MixedKernel])[] = [
  ['rate', (window, _, notes) => extrapolated(window, notes, 'rate')],
  ['increase', (window, _, notes) => extrapolated(window, notes, 'increase')],
  ['delta', (window, _, notes) => extrapolated(window, notes, 'delta')],
  ['irate', (window, _, notes) => lastTwo(window, notes, true)],
  ['idelta', (window, _, notes) => lastTwo(window, notes, false)],
];

function extrapolated(window: MixedWindow, notes: RangeNotes, name: 'rate' | 'increase' | 'delta'): number | NativeHistogram | undefined {
  const counter = name !== 'delta';
  if (histogramCount(window) === 0) return floatCount(window) < 2 ? undefined : RATES.get(name)?.(window.floats, []);
  if (floatCount(window) > 0) {
    notes.annotations.mixedFloatsAndHistograms(notes.metric, notes.range);
    return undefined;
  }
  const { from, to } = window.points;
  const first = window.histograms[from];
  if (first === undefined || to - from < 2) return undefined;
  const rows = counter ? rowsOf(window) : null;
  if (rows !== null) return rows.increase(factorOf(window, name, first.count, rows.sumIncrease(from, to)));
  const increase = increaseOf(histogramsIn(window), counter, notes);
  return increase === undefined ? undefined : multiplied(increase, factorOf(window, name, first.count, increase.count));
}

/** `first` and `increase` are numbers of observations. */
function factorOf({ points }: MixedWindow, name: 'rate' | 'increase' | 'delta', first: number, increase: number): number {
  const toZero = name !== 'delta' && increase > 0 && first >= 0 ? first / increase : Infinity;
  const { timesMs, from, to, startMs, endMs } = points;
  const factor = extrapolation(timesMs[from] ?? NaN, timesMs[to - 1] ?? NaN, to - from, startMs, endMs, toZero);
  return name === 'rate' ? factor / ((endMs - startMs) / 1000) : factor;
}

function increaseOf(histograms: readonly NativeHistogram[], counter: boolean, { annotations, metric, range }: RangeNotes): NativeHistogram | undefined {
  const first = histograms[0];
  const second = histograms[1];
  const last = histograms.at(-1);
  if (first === undefined || second === undefined || last === undefined) return undefined;
  const someGauge = histograms.some(({ counterReset }) => counterReset === 'gauge');
  if (counter && someGauge) annotations.nativeNotCounter(metric, range);
  if (!counter && (first.counterReset !== 'gauge' || last.counterReset !== 'gauge')) annotations.nativeNotGauge(metric, range);
  // With a reset right after it, the first one's layout does not matter.
  const resetFirst = counter && wasReset(second, first);
  const custom = usesCustomBuckets(resetFirst ? second : first);
  const looked = counter ? histograms.slice(1) : [last];
  if (looked.some((histogram) => usesCustomBuckets(histogram) !== custom)) {
    annotations.mixedSchemas(metric, range);
    return undefined;
  }
  const sum = new HistogramSum(last);
  const added = (histogram: NativeHistogram, factor: number, operation: 'addition' | 'subtraction') => {
    sum.reconciled = false;
    sum.add(histogram, factor);
    if (sum.reconciled) annotations.boundsReconciled(operation, range);
  };
  try {
    if (!custom) for (const { schema } of looked) sum.reduceTo(schema);
    if (!resetFirst) added(first, -1, 'subtraction');
    // What was counted up to each later reset is part of the increase too.
    for (let i = 2; counter && i < histograms.length; i++) {
      const [before, histogram] = [histograms[i - 1], histograms[i]];
      if (before !== undefined && histogram !== undefined && wasReset(histogram, before)) added(before, 1, 'addition');
    }
  } catch (error) {
    if (!(error instanceof IncompatibleSchemas)) throw error;
    annotations.mixedSchemas(metric, range);
    return undefined;
  }
  return hinted(sum.value(), 'gauge');
}

function lastTwo(window: MixedWindow, { annotations, metric, range }: RangeNotes, perSecond: boolean): number | NativeHistogram | undefined {
  const [first, last] = samplesIn(window).slice(-2);
  if (first === undefined || last === undefined) return undefined;
  const seconds = (last.timeMs - first.timeMs) / 1000;
  if (seconds === 0) return undefined;
  if (typeof first.sample === 'number' && typeof last.sample === 'number') {
    return perSecond ? (last.sample < first.sample ? last.sample : last.sample - first.sample) / seconds : last.sample - first.sample;
  }
  if (typeof first.sample === 'number' || typeof last.sample === 'number') {
    annotations.mixedFloatsAndHistograms(metric, range);
    return undefined;
  }
  const gauges = [first.sample, last.sample].filter(({ counterReset }) => counterReset === 'gauge').length;
  if (perSecond && gauges > 0) annotations.nativeNotCounter(metric, range);
  if (!perSecond && gauges < 2) annotations.nativeNotGauge(metric, range);
  let histogram = last.sample;
  if (!perSecond || !wasReset(last.sample, first.sample)) {
    const sum = new HistogramSum(last.sample);
    try {
      sum.add(first.sample, -1);
    } catch (error) {
      if (!(error instanceof IncompatibleSchemas)) throw error;
      annotations.mixedSchemas(metric, range);
      return undefined;
    }
    if (sum.reconciled) annotations.boundsReconciled('subtraction', range);
    histogram = sum.value();
  }
  histogram = hinted(histogram, 'gauge');
  return perSecond ? divided(histogram, seconds) : histogram;
}
