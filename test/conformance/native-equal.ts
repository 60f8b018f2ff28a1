import { compacted, sameBounds } from '@signalbox/query/promql/histogram/buckets';
import type { NativeHistogram } from '@signalbox/signals/prometheus/types';

/** Equal but for rounding and empty buckets; hints are not compared. */
export function histogramsEqual(left: NativeHistogram, right: NativeHistogram, equal: (a: number, b: number) => boolean): boolean {
  const [a, b] = [compacted(left), compacted(right)];
  const sides = (x: NativeHistogram['positive'], y: NativeHistogram['positive']) => x.offsets.length === y.offsets.length
    && x.offsets.every((offset, i) => offset === y.offsets[i]) && x.counts.every((count, i) => equal(count, y.counts[i] ?? NaN));
  return a.schema === b.schema && equal(a.count, b.count) && equal(a.sum, b.sum) && equal(a.zeroCount, b.zeroCount) && equal(a.zeroThreshold, b.zeroThreshold)
    && sameBounds(a.customBounds, b.customBounds) && sides(a.positive, b.positive) && sides(a.negative, b.negative);
}
