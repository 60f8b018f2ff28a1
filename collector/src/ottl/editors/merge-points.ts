import type { ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint } from '@signalbox/signals/model/metric';

export const AGGREGATIONS = ['sum', 'max', 'min', 'mean', 'median', 'count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** One point of several with values, with the attributes and time of the first, begun when the earliest was. Ints stay ints. */
export function mergeNumbers(points: readonly NumberDataPoint[], aggregation: Aggregation): NumberDataPoint {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const ints = values.filter((value) => typeof value === 'bigint');
  const value = ints.length === values.length ? ofInts(ints, aggregation) : ofFloats(values.map(Number), aggregation);
  return { ...points[0], startNs: earliest(points), value, exemplars: points.flatMap(({ exemplars }) => exemplars) };
}

/** Means and medians lose their fraction. */
function ofInts(values: readonly bigint[], aggregation: Aggregation): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const count = BigInt(values.length);
  const sum = (): bigint => values.reduce((total, value) => total + value, 0n);
  switch (aggregation) {
    case 'sum': return BigInt.asIntN(64, sum());
    case 'mean': return sum() / count;
    case 'max': return sorted[sorted.length - 1];
    case 'min': return sorted[0];
    case 'median': return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2n;
    case 'count': return count;
  }
}

function ofFloats(values: readonly number[], aggregation: Aggregation): number {
  const sorted = values.toSorted((a, b) => a - b);
  const sum = (): number => values.reduce((total, value) => total + value, 0);
  switch (aggregation) {
    case 'sum': return sum();
    case 'mean': return sum() / values.length;
    case 'max': return sorted[sorted.length - 1];
    case 'min': return sorted[0];
    case 'median': return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
    case 'count': return values.length;
  }
}

/** Those that have counted something, or one that has not: what it says of the least and the most means nothing. */
function counted<T extends { readonly count: bigint }>(points: readonly T[]): readonly T[] {
  const some = points.filter(({ count }) => count > 0n);
  return some.length > 0 ? some : points.slice(0, 1);
}

/** The points have the same bounds. */
export function mergeHistograms(points: readonly HistogramDataPoint[]): HistogramDataPoint {
  const [first] = points;
  return { ...first, ...common(counted(points)), bucketCounts: first.bucketCounts.map((_, i) => points.reduce((total, { bucketCounts }) => total + bucketCounts[i], 0n)) };
}

/** The points have the same scale and zero threshold. */
export function mergeExponential(points: readonly ExponentialHistogramDataPoint[]): ExponentialHistogramDataPoint {
  return {
    ...points[0], ...common(counted(points)),
    zeroCount: points.reduce((total, { zeroCount }) => total + zeroCount, 0n),
    positive: mergeBuckets(points.map(({ positive }) => positive)),
    negative: mergeBuckets(points.map(({ negative }) => negative)),
  };
}

function common(points: readonly (HistogramDataPoint | ExponentialHistogramDataPoint)[]): Pick<HistogramDataPoint, 'startNs' | 'count' | 'sum' | 'min' | 'max' | 'exemplars'> {
  const all = (read: (point: HistogramDataPoint | ExponentialHistogramDataPoint) => number | null, combine: (a: number, b: number) => number): number | null =>
    points.map(read).reduce((a, b) => (a === null || b === null ? null : combine(a, b)));
  return {
    startNs: earliest(points), count: points.reduce((total, { count }) => total + count, 0n), exemplars: points.flatMap(({ exemplars }) => exemplars),
    // What one of them does not tell is not known of all.
    sum: all(({ sum }) => sum, (a, b) => a + b), min: all(({ min }) => min, Math.min), max: all(({ max }) => max, Math.max),
  };
}

function mergeBuckets(all: readonly (ExponentialBuckets | null)[]): ExponentialBuckets | null {
  const filled = all.filter((buckets) => buckets !== null && buckets.bucketCounts.length > 0) as ExponentialBuckets[];
  if (filled.length === 0) return all[0];
  const offset = filled.reduce((least, buckets) => Math.min(least, buckets.offset), Infinity);
  const end = filled.reduce((most, buckets) => Math.max(most, buckets.offset + buckets.bucketCounts.length), -Infinity);
  const bucketCounts = new Array<bigint>(end - offset).fill(0n);
  for (const buckets of filled) buckets.bucketCounts.forEach((count, i) => (bucketCounts[buckets.offset - offset + i] += count));
  return { offset, bucketCounts };
}

function earliest(points: readonly { readonly startNs: bigint }[]): bigint {
  return points.reduce((least, { startNs }) => (startNs < least ? startNs : least), points[0].startNs);
}
