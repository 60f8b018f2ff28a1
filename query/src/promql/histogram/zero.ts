import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Side } from './buckets.js';
import { upperBound } from './buckets.js';

type Parts = Pick<NativeHistogram, 'schema' | 'customBounds' | 'zeroThreshold' | 'zeroCount' | 'positive' | 'negative'>;

/**
 * The count of the zero bucket if its threshold were `threshold`; where that lies within a populated bucket, the threshold
 * moves to the bucket's end (Prometheus' zeroCountForLargerThreshold).
 */
export function widenedZero(histogram: Parts, threshold: number): { count: number; threshold: number } {
  if (threshold <= histogram.zeroThreshold) return { count: histogram.zeroCount, threshold: histogram.zeroThreshold };
  let widened = threshold;
  for (;;) {
    const positive = swallowed(histogram, histogram.positive, widened);
    widened = positive.threshold;
    const negative = swallowed(histogram, histogram.negative, widened);
    // A larger threshold on the negative side takes more of the positive one.
    if (negative.threshold === widened) return { count: histogram.zeroCount + positive.count + negative.count, threshold: widened };
    widened = negative.threshold;
  }
}

function swallowed(histogram: Parts, { offsets, counts }: Side, threshold: number): { count: number; threshold: number } {
  let count = 0;
  for (let i = 0; i < offsets.length; i++) {
    const index = offsets[i] ?? 0;
    const inBucket = counts[i] ?? 0;
    if (upperBound(histogram, index - 1) >= threshold) break;
    count += inBucket;
    const upper = upperBound(histogram, index);
    if (upper > threshold) return { count, threshold: inBucket === 0 ? threshold : upper };
  }
  return { count, threshold };
}
