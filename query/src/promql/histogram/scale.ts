import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Side } from './buckets.js';
import { NO_BUCKETS, compacted } from './buckets.js';

/** All counts and the sum times `factor`; a negative one makes a gauge. */
export function multiplied(histogram: NativeHistogram, factor: number): NativeHistogram {
  const side = ({ offsets, counts }: Side): Side => ({ offsets, counts: mapped(counts, (count) => count * factor) });
  return compacted({
    schema: histogram.schema, zeroThreshold: histogram.zeroThreshold, zeroCount: histogram.zeroCount * factor, count: histogram.count * factor, sum: histogram.sum * factor,
    positive: side(histogram.positive), negative: side(histogram.negative), customBounds: histogram.customBounds, counterReset: factor < 0 ? 'gauge' : histogram.counterReset,
  });
}

/** All counts and the sum over `divisor`; a division by zero leaves no buckets. */
export function divided(histogram: NativeHistogram, divisor: number): NativeHistogram {
  const side = ({ offsets, counts }: Side): Side => (divisor === 0 ? NO_BUCKETS : { offsets, counts: mapped(counts, (count) => count / divisor) });
  return compacted({
    schema: histogram.schema, zeroThreshold: histogram.zeroThreshold, zeroCount: histogram.zeroCount / divisor, count: histogram.count / divisor, sum: histogram.sum / divisor,
    positive: side(histogram.positive), negative: side(histogram.negative), customBounds: histogram.customBounds, counterReset: divisor < 0 ? 'gauge' : histogram.counterReset,
  });
}

/** As the method of that name, which takes several times as long. */
function mapped(counts: Float64Array, change: (count: number) => number): Float64Array {
  const changed = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) changed[i] = change(counts[i] as number);
  return changed;
}
