import { ExemplarSlots } from '../aggregation/exemplar-slots.js';
import { createHistogram, loadHistogram, type Histogram, type HistogramKind, type SavedHistogram } from '../aggregation/histogram.js';

/** What one series sums up. */
export interface SpanValue {
  count: number;
  readonly histogram: Histogram | null;
  readonly countExemplars: ExemplarSlots | null;
  readonly durationExemplars: ExemplarSlots | null;
}

interface SavedSpanValue {
  readonly count: number;
  readonly histogram: SavedHistogram | null;
}

export interface SpanValueOptions {
  /** Null: only counts. */
  readonly histogram: HistogramKind | null;
  readonly exemplars: boolean;
}

export function createSpanValue({ histogram, exemplars }: SpanValueOptions): SpanValue {
  return valueOf(0, histogram === null ? null : createHistogram(histogram), exemplars);
}

/** Exemplars wait for the next data point only, and are not saved. */
export function saveSpanValue({ count, histogram }: SpanValue): SavedSpanValue {
  return { count, histogram: histogram?.save() ?? null };
}

export function loadSpanValue({ histogram, exemplars }: SpanValueOptions, saved: unknown): SpanValue {
  if (typeof saved !== 'object' || saved === null || !('count' in saved) || typeof saved.count !== 'number') throw new Error('the snapshot holds something else than counts');
  const kept = 'histogram' in saved ? (saved.histogram as SavedHistogram | null) : null;
  return valueOf(saved.count, histogram === null ? null : kept === null ? createHistogram(histogram) : loadHistogram(histogram, kept), exemplars);
}

function valueOf(count: number, histogram: Histogram | null, exemplars: boolean): SpanValue {
  return { count, histogram, countExemplars: exemplars ? new ExemplarSlots() : null, durationExemplars: exemplars && histogram !== null ? new ExemplarSlots() : null };
}
