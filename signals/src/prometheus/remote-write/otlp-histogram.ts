import type { ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint } from '../../model/metric.js';
import type { NativeHistogram } from '../types.js';

/** Buckets of one sign that stand in an OTLP point at most; wider histograms become coarser. */
const MAX_BUCKETS = 4096;

type Numbers = Pick<HistogramDataPoint, 'count' | 'sum' | 'min' | 'max'>;

function numbersOf({ count, sum }: NativeHistogram): Numbers {
  return { count: whole(count), sum, min: null, max: null };
}

/** OTLP counts are whole. */
function whole(count: number): bigint {
  return Number.isFinite(count) && count > 0 ? BigInt(Math.min(Math.round(count), 2 ** 63)) : 0n;
}

/** What an ExponentialHistogramDataPoint says of a native histogram with exponential buckets. */
export function exponentialPoint(histogram: NativeHistogram): Numbers & Pick<ExponentialHistogramDataPoint, 'scale' | 'zeroCount' | 'zeroThreshold' | 'positive' | 'negative'> {
  let coarser = 0;
  while (widthOf(histogram.positive, coarser) > MAX_BUCKETS || widthOf(histogram.negative, coarser) > MAX_BUCKETS) coarser++;
  return {
    ...numbersOf(histogram),
    scale: histogram.schema - coarser,
    zeroCount: whole(histogram.zeroCount),
    zeroThreshold: histogram.zeroThreshold,
    positive: dense(histogram.positive, coarser),
    negative: dense(histogram.negative, coarser),
  };
}

/** Prometheus counts a bucket by its upper bound, OTLP by its lower one. */
function indexOf(offset: number, coarser: number): number {
  return (offset - 1) >> coarser;
}

function widthOf({ offsets }: NativeHistogram['positive'], coarser: number): number {
  return offsets.length === 0 ? 0 : indexOf(offsets[offsets.length - 1], coarser) - indexOf(offsets[0], coarser) + 1;
}

function dense(buckets: NativeHistogram['positive'], coarser: number): ExponentialBuckets | null {
  const { offsets, counts } = buckets;
  if (offsets.length === 0) return null;
  const offset = indexOf(offsets[0], coarser);
  const bucketCounts = new Array<bigint>(widthOf(buckets, coarser)).fill(0n);
  for (let i = 0; i < offsets.length; i++) bucketCounts[indexOf(offsets[i], coarser) - offset] += whole(counts[i]);
  return { offset, bucketCounts };
}

/** What a HistogramDataPoint says of a native histogram with custom bounds. */
export function explicitPoint(histogram: NativeHistogram, bounds: Float64Array): Numbers & Pick<HistogramDataPoint, 'bucketCounts' | 'explicitBounds'> {
  const bucketCounts = new Array<bigint>(bounds.length + 1).fill(0n);
  const { offsets, counts } = histogram.positive;
  for (let i = 0; i < offsets.length; i++) bucketCounts[offsets[i]] += whole(counts[i]);
  return { ...numbersOf(histogram), bucketCounts, explicitBounds: [...bounds] };
}
