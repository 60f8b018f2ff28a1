import type { NativeHistogram } from '@signalbox/signals/prometheus/types';

/** Whether two native histograms are the same; NaN is like NaN. */
export function sameHistogram(a: NativeHistogram, b: NativeHistogram): boolean {
  return a.schema === b.schema && a.counterReset === b.counterReset
    && Object.is(a.zeroThreshold, b.zeroThreshold) && Object.is(a.zeroCount, b.zeroCount) && Object.is(a.count, b.count) && Object.is(a.sum, b.sum)
    && same(a.positive.offsets, b.positive.offsets) && same(a.positive.counts, b.positive.counts)
    && same(a.negative.offsets, b.negative.offsets) && same(a.negative.counts, b.negative.counts)
    && (a.customBounds === null ? b.customBounds === null : b.customBounds !== null && same(a.customBounds, b.customBounds));
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
