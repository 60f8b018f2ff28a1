import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { ExtendedWindow } from './extended.js';
import type { RangeNotes } from '../range/mixed-window.js';
import { usesCustomBuckets } from '../../histogram/buckets.js';
import { wasReset } from '../../histogram/compare.js';
import { hinted } from '../../histogram/hints.js';
import { divided, multiplied } from '../../histogram/scale.js';
import { HistogramSum, IncompatibleSchemas } from '../../histogram/sum/sum.js';

/** rate and its like over histograms, with `anchored` or `smoothed`. Undefined: no result, with a note why. */
export function extendedHistogramRate(window: ExtendedWindow, histograms: readonly NativeHistogram[], name: string, rangeMs: number, notes: RangeNotes): NativeHistogram | undefined {
  const counter = name !== 'delta';
  const { annotations, metric, range } = notes;
  const looked = histograms.slice(window.first, window.last + 1);
  if (looked.some((histogram) => usesCustomBuckets(histogram) !== usesCustomBuckets(looked[0] ?? histogram))) {
    annotations.mixedSchemas(metric, range);
    return undefined;
  }
  if (counter && looked.some(({ counterReset }) => counterReset === 'gauge')) annotations.nativeNotCounter(metric, range);
  try {
    const increase = increased(window, histograms, counter, notes);
    if (increase === undefined) return undefined;
    return hinted(name === 'rate' ? divided(increase, rangeMs / 1000) : increase, 'gauge');
  } catch (error) {
    if (!(error instanceof IncompatibleSchemas)) throw error;
    annotations.mixedSchemas(metric, range);
    return undefined;
  }
}

function increased(window: ExtendedWindow, histograms: readonly NativeHistogram[], counter: boolean, notes: RangeNotes): NativeHistogram | undefined {
  const { timesMs, first, last, startMs, endMs, smoothed } = window;
  const [atFirst, afterFirst, beforeLast, atLast] = [histograms[first], histograms[first + 1], histograms[last - 1], histograms[last]];
  if (atFirst === undefined || atLast === undefined) return undefined;
  const at = (index: number) => timesMs[index] ?? 0;
  const cutsLeft = smoothed && at(first) < startMs && afterFirst !== undefined;
  const left = cutsLeft ? interpolatedHistogram(at(first), atFirst, at(first + 1), afterFirst, startMs, counter, notes) : atFirst;
  const right = smoothed && beforeLast !== undefined && at(last) > endMs ? interpolatedHistogram(at(last - 1), beforeLast, at(last), atLast, endMs, counter, notes) : atLast;
  if (!counter && (left.counterReset !== 'gauge' || right.counterReset !== 'gauge')) notes.annotations.nativeNotGauge(notes.metric, notes.range);
  const sum = new HistogramSum(right);
  added(sum, left, -1, notes);
  if (!counter) return sum.value();
  let previous = left;
  let from = first + 1;
  if (cutsLeft && wasReset(afterFirst, atFirst)) {
    // The line at the left edge knows of that reset.
    previous = afterFirst;
    from++;
  }
  if (from > last) return sum.value();
  for (const histogram of [...histograms.slice(from, last), right]) {
    if (wasReset(histogram, previous)) added(sum, previous, 1, notes);
    previous = histogram;
  }
  return sum.value();
}

function added(sum: HistogramSum, histogram: NativeHistogram, factor: 1 | -1, { annotations, range }: Pick<RangeNotes, 'annotations' | 'range'>): void {
  sum.reconciled = false;
  sum.add(histogram, factor);
  if (sum.reconciled) annotations.boundsReconciled(factor === 1 ? 'addition' : 'subtraction', range);
}

/** The histogram at `atMs` on the line between two; after a counter's reset it begins with nothing. Throws IncompatibleSchemas. */
export function interpolatedHistogram(leftMs: number, left: NativeHistogram, rightMs: number, right: NativeHistogram, atMs: number, counter: boolean, notes: Pick<RangeNotes, 'annotations' | 'range'>): NativeHistogram {
  if (atMs === leftMs) return left;
  if (atMs === rightMs) return right;
  const share = (atMs - leftMs) / (rightMs - leftMs);
  if (counter && wasReset(right, left)) return multiplied(right, share);
  const sum = new HistogramSum(right);
  added(sum, left, -1, notes);
  const between = new HistogramSum(multiplied(sum.value(), share));
  added(between, left, 1, notes);
  return between.value();
}
