import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { formatG, formatValue } from '../numbers/number-text.js';
import type { Bucket } from './buckets.js';
import { PromQLExecutionError } from '../error.js';
import { allBuckets, negativeBucket, positiveBucket, usesCustomBuckets, zeroBucket } from './buckets.js';

/** A histogram as Prometheus' API writes it; a bucket is [which bounds belong to it, lower, upper, count]. */
export interface HistogramJson {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [boundaries: number, lower: string, upper: string, count: string])[];
}

/** 0: the upper bound belongs to the bucket, 1: the lower, 2: none, 3: both. */
export function boundaries({ lowerInclusive, upperInclusive }: Bucket): number {
  return lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;
}

export function histogramJson(histogram: NativeHistogram): HistogramJson {
  const buckets = allBuckets(histogram).map((bucket) => [boundaries(bucket), formatValue(bucket.lower), formatValue(bucket.upper), formatValue(bucket.count)] as const);
  const totals = { count: formatValue(histogram.count), sum: formatValue(histogram.sum) };
  return buckets.length === 0 ? totals : { ...totals, buckets };
}

/** A histogram as text: `{count:3, sum:4.5, [-1,1]:1, (1,2]:2}`, as count_values makes labels of it. Throws where custom buckets stand beside a zero bucket, if only of NaN. */
export function histogramText(histogram: NativeHistogram): string {
  const { positive, negative, count, sum, zeroCount } = histogram;
  const buckets: Bucket[] = [];
  for (let i = negative.offsets.length - 1; i >= 0; i--) buckets.push(negativeBucket(histogram, negative.offsets[i] ?? 0, negative.counts[i] ?? 0));
  if (zeroCount !== 0 && usesCustomBuckets(histogram)) throw new PromQLExecutionError('histograms with custom buckets have no zero bucket');
  if (zeroCount !== 0) buckets.push(zeroBucket(histogram));
  for (let i = 0; i < positive.offsets.length; i++) buckets.push(positiveBucket(histogram, positive.offsets[i] ?? 0, positive.counts[i] ?? 0));
  const texts = buckets.filter((bucket) => bucket.count !== 0).map((bucket) => `${bucket.lowerInclusive ? '[' : '('}${formatG(bucket.lower)},${formatG(bucket.upper)}${bucket.upperInclusive ? ']' : ')'}:${formatG(bucket.count)}`);
  return `{${[`count:${formatG(count)}`, `sum:${formatG(sum)}`, ...texts].join(', ')}}`;
}
