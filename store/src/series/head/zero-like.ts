import type { NativeHistogram } from '@signalbox/signals/prometheus/types';

/** What a histogram was when it began: nothing observed, after a reset. */
export function zeroLike({ schema, zeroThreshold, customBounds }: NativeHistogram): NativeHistogram {
  const none = { offsets: new Int32Array(), counts: new Float64Array() };
  return { schema, zeroThreshold, zeroCount: 0, count: 0, sum: 0, positive: none, negative: none, customBounds, counterReset: 'reset' };
}
