import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Bucket } from './buckets.js';
import { allBuckets, usesCustomBuckets } from './buckets.js';

export interface QuantileResult {
  readonly value: number;
  /** Observations of NaN are in the way: `result` makes the quantile NaN, `skew` pushes it up. */
  readonly nan: 'result' | 'skew' | null;
}

/** The quantile of a native histogram (Prometheus' HistogramQuantile): interpolated exponentially, linearly in custom buckets and the zero bucket. */
export function nativeQuantile(quantile: number, histogram: NativeHistogram): QuantileResult {
  const answer = (value: number, nan: QuantileResult['nan'] = null): QuantileResult => ({ value, nan });
  if (quantile < 0) return answer(-Infinity);
  if (quantile > 1) return answer(Infinity);
  if (histogram.count === 0 || Number.isNaN(quantile)) return answer(NaN);
  const custom = usesCustomBuckets(histogram);
  const someNaN = Number.isNaN(histogram.sum);
  // NaN observations are in no bucket, so with them only counting from below is right.
  const forward = someNaN || quantile < 0.5;
  const buckets = forward ? allBuckets(histogram) : allBuckets(histogram).reverse();
  let rank = (forward ? quantile : 1 - quantile) * histogram.count;
  let count = 0;
  let at = 0;
  for (; at < buckets.length; at++) {
    count += buckets[at]?.count ?? 0;
    if (count >= rank) break;
  }
  const found = buckets[Math.min(at, buckets.length - 1)] ?? { lower: 0, upper: 0, lowerInclusive: false, upperInclusive: false, count: 0 };
  let bucket = custom ? { ...found } : zeroBucketOneSided(found, histogram);
  if (custom && bucket.lower === -Infinity) {
    if (bucket.upper <= 0) return answer(bucket.upper);
    bucket.lower = 0;
  } else if (custom && bucket.upper === Infinity) {
    return answer(bucket.lower);
  }
  count = Math.min(count, histogram.count);
  if (count < rank) return someNaN ? answer(NaN, 'result') : answer(bucket.upper);
  rank = forward ? rank - (count - bucket.count) : count - rank;
  let skew = false;
  if (someNaN) {
    // Prometheus' search for what is missing ends at the last bucket, and it goes on from there.
    for (const last of buckets.slice(at + 1)) {
      count += last.count;
      bucket = last;
    }
    skew = count < histogram.count;
  }
  const fraction = rank / bucket.count;
  const value = custom || (bucket.lower <= 0 && bucket.upper >= 0) ? bucket.lower + (bucket.upper - bucket.lower) * fraction : exponentially(bucket, fraction);
  return answer(value, skew ? 'skew' : null);
}

function exponentially({ lower, upper }: Bucket, fraction: number): number {
  const [logLower, logUpper] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper))];
  return lower > 0 ? 2 ** (logLower + (logUpper - logLower) * fraction) : -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** Where all observations are on one side of zero, the zero bucket ends at zero. */
function zeroBucketOneSided(bucket: Bucket, { positive, negative }: NativeHistogram): Bucket {
  if (bucket.lower > 0 || bucket.upper < 0) return { ...bucket };
  if (negative.counts.length === 0 && positive.counts.length > 0) return { ...bucket, lower: 0 };
  if (positive.counts.length === 0 && negative.counts.length > 0) return { ...bucket, upper: 0 };
  return { ...bucket };
}

/** The share of observations between two values (Prometheus' HistogramFraction). `nan`: some are NaN, and in no share. */
export function nativeFraction(lower: number, upper: number, histogram: NativeHistogram): { value: number; nan: boolean } {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: NaN, nan: false };
  if (lower >= upper) return { value: 0, nan: false };
  const buckets = allBuckets(histogram);
  let count = histogram.count;
  let nan = false;
  if (Number.isNaN(histogram.sum)) {
    count = buckets.reduce((total, bucket) => total + bucket.count, 0);
    nan = count < histogram.count;
  }
  const rank = (value: number) => Math.min(count, rankBelow(value, buckets, histogram) ?? count);
  return { value: (rank(upper) - rank(lower)) / histogram.count, nan };
}

/** Observations below a value; undefined where it lies above all buckets. */
function rankBelow(value: number, buckets: readonly Bucket[], histogram: NativeHistogram): number | undefined {
  const custom = usesCustomBuckets(histogram);
  let rank = 0;
  for (const plain of buckets) {
    const zero = plain.lower <= 0 && plain.upper >= 0;
    const bucket = zero ? zeroBucketOneSided(plain, histogram) : plain;
    if (bucket.lower >= value) return rank;
    if (bucket.upper > value) return custom || zero ? linearly(value, bucket, rank) : rank + bucket.count * shareBelow(value, bucket);
    rank += bucket.count;
  }
  return undefined;
}

function linearly(value: number, { lower, upper, count }: Bucket, rank: number): number {
  return lower === -Infinity ? count : rank + (count * (value - lower)) / (upper - lower);
}

/** The share of an exponential bucket that lies below a value in it. */
export function shareBelow(value: number, { lower, upper }: Pick<Bucket, 'lower' | 'upper'>): number {
  const [logLower, logUpper, logValue] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper)), Math.log2(Math.abs(value))];
  return value > 0 ? (logValue - logLower) / (logUpper - logLower) : 1 - (logValue - logUpper) / (logLower - logUpper);
}

/** The variance of the observations, each taken to be in its bucket's middle. */
export function nativeVariance(histogram: NativeHistogram): number {
  const mean = histogram.sum / histogram.count;
  let squares = 0;
  for (const { lower, upper, count } of allBuckets(histogram)) {
    const middle = usesCustomBuckets(histogram) ? (lower + upper) / 2 : lower <= 0 && upper >= 0 ? 0 : Math.sqrt(lower * upper) * (upper < 0 ? -1 : 1);
    squares += count * (middle - mean) ** 2;
  }
  return squares / histogram.count;
}
