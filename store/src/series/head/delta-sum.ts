import type { ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint } from '@signalbox/signals/model/metric';

/** `point` with what was counted before; integers stay integers. */
export function addNumber(before: NumberDataPoint, point: NumberDataPoint): NumberDataPoint {
  if (before.value === null || point.value === null) return point.value === null ? { ...point, value: before.value } : point;
  const both = typeof before.value === 'bigint' && typeof point.value === 'bigint';
  return { ...point, value: both ? (before.value as bigint) + (point.value as bigint) : Number(before.value) + Number(point.value) };
}

/** With other bounds than before the sum begins again. */
export function addHistogram(before: HistogramDataPoint, point: HistogramDataPoint): HistogramDataPoint {
  const { explicitBounds, bucketCounts } = point;
  const same = explicitBounds.length === before.explicitBounds.length && bucketCounts.length === before.bucketCounts.length && explicitBounds.every((bound, i) => bound === before.explicitBounds[i]);
  if (!same) return point;
  return { ...point, count: before.count + point.count, sum: addSums(before.sum, point.sum), min: null, max: null, bucketCounts: bucketCounts.map((count, i) => count + before.bucketCounts[i]) };
}

/** At the coarser of both scales. */
export function addExponential(before: ExponentialHistogramDataPoint, point: ExponentialHistogramDataPoint): ExponentialHistogramDataPoint {
  const scale = Math.min(before.scale, point.scale);
  const sum = (a: ExponentialBuckets | null, b: ExponentialBuckets | null): ExponentialBuckets | null => addBuckets(coarser(a, before.scale - scale), coarser(b, point.scale - scale));
  return {
    ...point, scale, count: before.count + point.count, sum: addSums(before.sum, point.sum), min: null, max: null, zeroCount: before.zeroCount + point.zeroCount,
    zeroThreshold: Math.max(before.zeroThreshold, point.zeroThreshold), positive: sum(before.positive, point.positive), negative: sum(before.negative, point.negative),
  };
}

function addSums(before: number | null, sum: number | null): number | null {
  return before === null || sum === null ? null : before + sum;
}

/** Each step halves the number of buckets: bucket i becomes floor(i / 2). */
function coarser(buckets: ExponentialBuckets | null, steps: number): ExponentialBuckets | null {
  if (buckets === null || steps === 0 || buckets.bucketCounts.length === 0) return buckets;
  const width = 2 ** steps;
  const offset = Math.floor(buckets.offset / width);
  const bucketCounts: bigint[] = [];
  for (const [i, count] of buckets.bucketCounts.entries()) {
    const at = Math.floor((buckets.offset + i) / width) - offset;
    bucketCounts[at] = (bucketCounts[at] ?? 0n) + count;
  }
  return { offset, bucketCounts };
}

function addBuckets(a: ExponentialBuckets | null, b: ExponentialBuckets | null): ExponentialBuckets | null {
  if (a === null || a.bucketCounts.length === 0) return b;
  if (b === null || b.bucketCounts.length === 0) return a;
  const offset = Math.min(a.offset, b.offset);
  const end = Math.max(a.offset + a.bucketCounts.length, b.offset + b.bucketCounts.length);
  const of = ({ offset: first, bucketCounts }: ExponentialBuckets, index: number): bigint => bucketCounts[index - first] ?? 0n;
  return { offset, bucketCounts: Array.from({ length: end - offset }, (_, i) => of(a, offset + i) + of(b, offset + i)) };
}
