import type { ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint } from '@signalbox/signals/model/metric';

/** What Elasticsearch's histogram field holds: ascending values, each with how often it came. */
export interface HistogramValues {
  readonly values: readonly number[];
  readonly counts: readonly bigint[];
}

/** A bucket stands for the middle of its bounds; the first and last, which are open, for their bound (the first one from 0: half of it). */
export function explicitValues(point: HistogramDataPoint): HistogramValues {
  const { explicitBounds: bounds, bucketCounts } = point;
  const values: number[] = [];
  const counts: bigint[] = [];
  for (const [i, count] of bucketCounts.entries()) {
    if (count === 0n) continue;
    counts.push(count);
    values.push(explicitValue(bounds, i, point));
  }
  return { values, counts };
}

function explicitValue(bounds: readonly number[], i: number, point: HistogramDataPoint): number {
  if (bounds.length === 0) return point.sum === null || point.count === 0n ? 0 : point.sum / Number(point.count);
  const low = bounds[i - 1];
  const high = bounds[i];
  if (low === undefined) return high !== undefined && high > 0 ? high / 2 : (high ?? 0);
  return high === undefined || !Number.isFinite(high) ? low : low + (high - low) / 2;
}

/** Negative buckets, zeros, positive buckets, each at the middle of its bounds (base^i, base^(i+1)]. */
export function exponentialValues(point: ExponentialHistogramDataPoint): HistogramValues {
  const values: number[] = [];
  const counts: bigint[] = [];
  for (const [value, count] of middles(point.negative, point.scale).reverse()) {
    values.push(-value);
    counts.push(count);
  }
  if (point.zeroCount > 0n) {
    values.push(0);
    counts.push(point.zeroCount);
  }
  for (const [value, count] of middles(point.positive, point.scale)) {
    values.push(value);
    counts.push(count);
  }
  return { values, counts };
}

function middles(buckets: ExponentialBuckets | null, scale: number): (readonly [value: number, count: bigint])[] {
  const exponent = 2 ** -scale;
  const bound = (index: number): number => Math.min(Number.MAX_VALUE, 2 ** (index * exponent));
  return (buckets?.bucketCounts ?? []).flatMap((count, i) => {
    if (count === 0n) return [];
    const low = bound((buckets?.offset ?? 0) + i);
    const high = bound((buckets?.offset ?? 0) + i + 1);
    return [[low + (high - low) / 2, count] as const];
  });
}
