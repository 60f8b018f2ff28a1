import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Bucket, Side } from './buckets.js';
import { compacted, negativeBucket, positiveBucket, usesCustomBuckets, zeroBucket } from './buckets.js';
import { shareBelow } from './quantile.js';

interface Kept {
  readonly count: number;
  /** What each of the kept observations is taken to be. */
  readonly middle: number;
}

/**
 * The observations below (`</`) or above (`>/`) a value: buckets on the right side whole, the one that holds the value in
 * part, and the sum estimated anew from the buckets' middles (Prometheus' TrimBuckets).
 */
export function trimmed(histogram: NativeHistogram, at: number, keep: 'below' | 'above'): NativeHistogram {
  const custom = usesCustomBuckets(histogram);
  let count = 0;
  let sum = 0;
  let changed = false;
  const take = (kept: Kept, before: number): number => {
    count += kept.count;
    sum += kept.middle * kept.count;
    if (kept.count !== before) changed = true;
    return kept.count;
  };
  const side = ({ offsets, counts }: Side, bucketAt: typeof positiveBucket, positive: boolean): Side => ({
    offsets,
    counts: counts.map((before, i) => (before === 0 ? 0 : take(keptOf(bucketAt(histogram, offsets[i] ?? 0, before), at, keep, positive, custom), before))),
  });
  const positive = side(histogram.positive, positiveBucket, true);
  const negative = side(histogram.negative, negativeBucket, false);
  const populated = ({ counts }: Side) => counts.some((each) => each !== 0);
  const zeroCount = histogram.zeroCount > 0
    ? take(keptOfZero(zeroBucket(histogram), at, keep, populated(histogram.negative), populated(histogram.positive)), histogram.zeroCount)
    : histogram.zeroCount;
  return changed ? compacted({ ...histogram, positive, negative, zeroCount, count, sum }) : histogram;
}

function keptOf(bucket: Bucket, at: number, keep: 'below' | 'above', positive: boolean, custom: boolean): Kept {
  const { lower, upper, count } = bucket;
  if (keep === 'below' ? upper <= at : lower >= at) return { count, middle: middleOf(lower, upper, positive, custom) };
  if (Number.isNaN(at) || (keep === 'below' ? lower >= at : upper <= at)) return { count: 0, middle: 0 };
  if (lower === -Infinity || upper === Infinity) return keptOfInfinite(bucket, at, keep);
  const below = count * (custom ? (at - lower) / (upper - lower) : shareBelow(at, bucket));
  return keep === 'below'
    ? { count: below, middle: middleOf(lower, at, positive, custom) }
    : { count: count - below, middle: middleOf(at, upper, positive, custom) };
}

/** Nothing is known about where observations lie in a bucket without end: in doubt they go. */
function keptOfInfinite({ lower, upper, count }: Bucket, at: number, keep: 'below' | 'above'): Kept {
  if (lower === -Infinity) {
    // A first bucket that ends above zero is taken to begin at zero.
    if (keep === 'below') {
      if (at > 0 && upper > 0 && upper !== Infinity) return { count: (count * at) / upper, middle: at / 2 };
      return upper <= 0 ? { count, middle: at } : { count: 0, middle: 0 };
    }
    return at >= 0 && upper > at && upper !== Infinity ? { count: count * (1 - at / upper), middle: (at + upper) / 2 } : { count: 0, middle: 0 };
  }
  return keep === 'above' && at >= lower ? { count, middle: at } : { count: 0, middle: 0 };
}

function keptOfZero(bucket: Bucket, at: number, keep: 'below' | 'above', hasNegative: boolean, hasPositive: boolean): Kept {
  const lower = hasPositive && !hasNegative ? 0 : bucket.lower;
  const upper = hasNegative && !hasPositive ? 0 : bucket.upper;
  const whole = { count: bucket.count, middle: (lower + upper) / 2 };
  const none = { count: 0, middle: 0 };
  if (at <= lower) return keep === 'below' ? none : whole;
  if (at >= upper) return keep === 'below' ? whole : none;
  return keep === 'below'
    ? { count: bucket.count * ((at - lower) / (upper - lower)), middle: (lower + at) / 2 }
    : { count: bucket.count * ((upper - at) / (upper - lower)), middle: (at + upper) / 2 };
}

function middleOf(lower: number, upper: number, positive: boolean, linear: boolean): number {
  const infinite = (bound: number) => bound === Infinity || bound === -Infinity;
  if (infinite(lower)) return infinite(upper) ? 0 : upper > 0 ? upper / 2 : upper;
  if (infinite(upper)) return lower;
  if (linear) return (lower + upper) / 2;
  const geometric = Math.sqrt(Math.abs(lower * upper));
  return positive ? geometric : -geometric;
}
