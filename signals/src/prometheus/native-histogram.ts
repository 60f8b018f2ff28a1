import type { ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint } from '../model/metric.js';
import type { NativeHistogram } from './types.js';

/** Prometheus' schemas go from -4 to 8; finer scales are merged down to 8, coarser ones have no counterpart. */
export const MIN_SCHEMA = -4;
export const MAX_SCHEMA = 8;
/** Schema of native histograms with custom bucket bounds. */
export const CUSTOM_BUCKETS_SCHEMA = -53;

/** Prometheus' OTLP endpoint sets this, whatever the point's zero_threshold says. */
const ZERO_THRESHOLD = 1e-128;
const MAX_INT32 = 2 ** 31 - 1;

type Buckets = NativeHistogram['positive'];
const NO_BUCKETS: Buckets = { offsets: new Int32Array(0), counts: new Float64Array(0) };

/** Why a point cannot become a native histogram. */
export type HistogramProblem = 'scale_too_low' | 'invalid_histogram';

/** A problem where the scale is below Prometheus' lowest schema or a bucket's index does not fit 32 bits. */
export function fromExponential(point: ExponentialHistogramDataPoint): NativeHistogram | HistogramProblem {
  if (point.scale < MIN_SCHEMA) return 'scale_too_low';
  const scaleDown = Math.max(0, point.scale - MAX_SCHEMA);
  const positive = exponentialBuckets(point.positive, scaleDown);
  const negative = exponentialBuckets(point.negative, scaleDown);
  if (positive === null || negative === null) return 'invalid_histogram';
  return {
    schema: point.scale - scaleDown,
    zeroThreshold: ZERO_THRESHOLD,
    zeroCount: Number(point.zeroCount),
    count: Number(point.count),
    sum: point.sum ?? 0,
    positive,
    negative,
    customBounds: null,
    // A point's start does not prove that Prometheus sees no reset, and a wrong hint corrupts queries.
    counterReset: 'unknown',
  };
}

/** An explicit-bounds histogram with its bounds kept; a problem where bounds and buckets do not fit together. */
export function fromExplicit(point: HistogramDataPoint): NativeHistogram | HistogramProblem {
  const bounds = Float64Array.from(point.explicitBounds);
  if (point.bucketCounts.length !== 0 && point.bucketCounts.length !== bounds.length + 1) return 'invalid_histogram';
  for (let i = 0; i < bounds.length; i++) {
    if (!Number.isFinite(bounds[i]) || (i > 0 && !(bounds[i]! > bounds[i - 1]!))) return 'invalid_histogram';
  }
  const filled = [...point.bucketCounts.entries()].filter(([, count]) => count !== 0n);
  return {
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: Number(point.count),
    sum: point.sum ?? 0,
    positive: { offsets: Int32Array.from(filled, ([index]) => index), counts: Float64Array.from(filled, ([, count]) => Number(count)) },
    negative: NO_BUCKETS,
    customBounds: bounds,
    counterReset: 'unknown',
  };
}

/**
 * OTLP's bucket i covers (base^i, base^(i+1)], Prometheus' bucket i (base^(i-1), base^i]: indices move by one. Scaling
 * down by n merges 2^n neighbours, whose common index is the old one divided and rounded down.
 */
function exponentialBuckets(buckets: ExponentialBuckets | null, scaleDown: number): Buckets | null {
  if (buckets === null || buckets.bucketCounts.length === 0) return NO_BUCKETS;
  const width = 2 ** scaleDown;
  const merged: [index: number, count: bigint][] = [];
  for (const [i, count] of buckets.bucketCounts.entries()) {
    if (count === 0n) continue;
    const index = Math.floor((buckets.offset + i) / width) + 1;
    if (index > MAX_INT32) return null;
    const last = merged.at(-1);
    if (last !== undefined && last[0] === index) last[1] += count;
    else merged.push([index, count]);
  }
  return { offsets: Int32Array.from(merged, ([index]) => index), counts: Float64Array.from(merged, ([, count]) => Number(count)) };
}
