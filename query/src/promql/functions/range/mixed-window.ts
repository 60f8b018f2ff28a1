import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Annotations } from '../../annotations.js';
import type { Range } from '../../ast.js';
import { HistogramRows } from '../../histogram/sum/rows.js';
import type { HistogramSum } from '../../histogram/sum/sum.js';
import type { Window } from './window.js';

/** The samples of a series with histograms at one step, floats and histograms apart. */
export interface MixedWindow {
  readonly floats: Window;
  /** `from` and `to` are indexes into `histograms` as well. */
  readonly points: Window;
  readonly histograms: readonly NativeHistogram[];
  /** All histograms of the series, for windows of counters; null where they do not go together, undefined where none has asked. */
  rows: HistogramRows | null | undefined;
  /** What histograms are summed up in, one window after the other. */
  readonly sum: HistogramSum;
}

export function rowsOf(window: MixedWindow): HistogramRows | null {
  return window.rows === undefined ? (window.rows = HistogramRows.of(window.histograms)) : window.rows;
}

/** Where warnings and infos go, and what they name. */
export interface RangeNotes {
  readonly annotations: Annotations;
  readonly metric: string;
  readonly range: Range;
}

/** Called with at least one sample; undefined: no result at this step. */
export type MixedKernel = (window: MixedWindow, params: readonly number[], notes: RangeNotes) => number | NativeHistogram | undefined;

export function floatCount({ floats }: MixedWindow): number {
  return floats.to - floats.from;
}

export function histogramCount({ points }: MixedWindow): number {
  return points.to - points.from;
}

export function histogramsIn({ points, histograms }: MixedWindow): readonly NativeHistogram[] {
  return histograms.slice(points.from, points.to);
}

/** Samples in order of time: a histogram, or a number. */
export function samplesIn({ floats, points, histograms }: MixedWindow): { readonly timeMs: number; readonly sample: number | NativeHistogram }[] {
  const found: { timeMs: number; sample: number | NativeHistogram }[] = [];
  for (let i = floats.from; i < floats.to; i++) found.push({ timeMs: floats.timesMs[i] ?? 0, sample: floats.values[i] ?? NaN });
  for (let i = points.from; i < points.to; i++) {
    const histogram = histograms[i];
    if (histogram !== undefined) found.push({ timeMs: points.timesMs[i] ?? 0, sample: histogram });
  }
  return found.sort((a, b) => a.timeMs - b.timeMs);
}
