import type { ExponentialHistogramDataPoint, HistogramDataPoint } from '@signalbox/signals/model/metric';
import { ExplicitHistogram, type SavedExplicitHistogram } from './explicit-histogram.js';
import { ExponentialHistogram, type SavedExponentialHistogram } from './exponential-histogram.js';

/** Which histogram: with bounds of one's own (in the metric's unit, rising), or exponential with so many buckets at most. */
export type HistogramKind = { readonly kind: 'explicit'; readonly bounds: readonly number[] } | { readonly kind: 'exponential'; readonly maxSize: number };

/** What a histogram says of its values; the rest of a data point is the series'. */
export type HistogramValues = Omit<HistogramDataPoint, PointFrame> | Omit<ExponentialHistogramDataPoint, PointFrame>;
export type PointFrame = 'attributes' | 'startNs' | 'timeNs' | 'flags' | 'exemplars';

export interface Histogram {
  readonly count: number;
  /** Takes a value in; answers the slot of its exemplar: values of one slot are alike. */
  observe(value: number): number;
  values(): HistogramValues;
  save(): SavedHistogram;
}

export type SavedHistogram = SavedExplicitHistogram | SavedExponentialHistogram;

export function createHistogram(kind: HistogramKind): Histogram {
  return kind.kind === 'explicit' ? new ExplicitHistogram(kind.bounds) : new ExponentialHistogram(kind.maxSize);
}

/** What save() answered, with the settings it was saved with. */
export function loadHistogram(kind: HistogramKind, saved: SavedHistogram): Histogram {
  if (kind.kind === 'explicit' && saved.kind === 'explicit') return ExplicitHistogram.load(kind.bounds, saved);
  if (kind.kind === 'exponential' && saved.kind === 'exponential') return ExponentialHistogram.load(kind.maxSize, saved);
  throw new Error(`the snapshot holds ${saved.kind} histograms, ${kind.kind} ones are configured`);
}

/** Bytes of a data point's buckets in protobuf, at most. */
export function histogramBytes(kind: HistogramKind): number {
  return 64 + (kind.kind === 'explicit' ? kind.bounds.length * 16 + 8 : kind.maxSize * 10);
}
