import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Side } from './buckets.js';
import { compactSide, reducedSide, sameBounds, upperBound, usesCustomBuckets } from './buckets.js';
import { HistogramSum } from './sum/sum.js';
import { widenedZero } from './zero.js';

/** Whether two histograms agree in everything but their counter reset hints. */
export function sameHistogram(a: NativeHistogram, b: NativeHistogram): boolean {
  return a.schema === b.schema && Object.is(a.count, b.count) && Object.is(a.sum, b.sum) && a.zeroThreshold === b.zeroThreshold
    && Object.is(a.zeroCount, b.zeroCount) && sameBounds(a.customBounds, b.customBounds)
    && sameSide(compactSide(a.positive), compactSide(b.positive)) && sameSide(compactSide(a.negative), compactSide(b.negative));
}

function sameSide(a: Side, b: Side): boolean {
  if (a.offsets.length !== b.offsets.length) return false;
  for (let i = 0; i < a.offsets.length; i++) if (a.offsets[i] !== b.offsets[i] || !Object.is(a.counts[i], b.counts[i])) return false;
  return true;
}

/**
 * Whether a counter was reset between two histograms: any count went down, or the layout changed in a way that only a
 * restart brings about (Prometheus' FloatHistogram.DetectReset). A hint that says so is believed.
 */
export function wasReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.counterReset === 'reset') return true;
  return current.counterReset !== 'no' && wentDown(current, previous);
}

/** The same whatever the hint says. */
export function wentDown(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current)) {
    if (!usesCustomBuckets(previous)) return true;
    if (!sameBounds(current.customBounds, previous.customBounds)) return decreasedBetweenSharedBounds(current, previous);
  }
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  if (current.zeroThreshold === previous.zeroThreshold) {
    if (current.zeroCount < previous.zeroCount) return true;
  } else {
    const zero = widenedZero(previous, current.zeroThreshold);
    if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.count) return true;
  }
  return decreased(current, previous, 'positive') || decreased(current, previous, 'negative');
}

function decreased(current: NativeHistogram, previous: NativeHistogram, side: 'positive' | 'negative'): boolean {
  const now = current[side];
  const before = reducedSide(previous[side], previous.schema, current.schema);
  let at = 0;
  let i = 0;
  // What lies inside the zero bucket was counted with it.
  if (!usesCustomBuckets(current)) while (i < before.offsets.length && upperBound(current, before.offsets[i] ?? 0) <= current.zeroThreshold) i++;
  for (; i < before.offsets.length; i++) {
    const index = before.offsets[i] as number;
    while (at < now.offsets.length && (now.offsets[at] as number) < index) at++;
    const count = before.counts[i] as number;
    if (now.offsets[at] === index ? (now.counts[at] as number) < count : count !== 0) return true;
  }
  return false;
}

function decreasedBetweenSharedBounds(current: NativeHistogram, previous: NativeHistogram): boolean {
  const empty = { zeroCount: 0, count: 0, sum: 0, positive: { offsets: new Int32Array(), counts: new Float64Array() } };
  const onShared = (histogram: NativeHistogram, other: NativeHistogram): NativeHistogram => {
    const sum = new HistogramSum(histogram);
    sum.add({ ...other, ...empty });
    return sum.value();
  };
  return decreased(onShared(current, previous), onShared(previous, current), 'positive');
}
