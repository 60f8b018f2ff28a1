import { subtractNumbers, type Accumulated } from './accumulated.js';
import { sameBounds } from './add.js';
import { downscaled, subtractBuckets } from './exponential.js';

/** What came since; null where the counter began anew in between (it is less than before, or of another form). Least and greatest are not known. */
export function subtract(current: Accumulated, previous: Accumulated): Accumulated | null {
  if (current.kind === 'number') return previous.kind !== 'number' || current.value < previous.value ? null : { kind: 'number', value: subtractNumbers(current.value, previous.value) };
  if (previous.kind === 'number' || current.count < previous.count) return null;
  const count = current.count - previous.count;
  const sum = current.sum === null || previous.sum === null ? null : current.sum - previous.sum;
  const summary = { count, sum, min: null, max: null };
  if (current.kind === 'histogram') {
    if (previous.kind !== 'histogram' || !sameBounds(current.explicitBounds, previous.explicitBounds) || current.bucketCounts.length !== previous.bucketCounts.length) return null;
    const bucketCounts = current.bucketCounts.map((bucket, i) => bucket - previous.bucketCounts[i]);
    return bucketCounts.some((bucket) => bucket < 0n) ? null : { kind: 'histogram', ...summary, bucketCounts, explicitBounds: current.explicitBounds };
  }
  // A counter's scale only gets coarser while it goes on.
  if (previous.kind !== 'exponential' || previous.scale < current.scale || previous.zeroThreshold !== current.zeroThreshold || current.zeroCount < previous.zeroCount) return null;
  const steps = previous.scale - current.scale;
  const positive = subtractBuckets(current.positive, downscaled(previous.positive, steps));
  const negative = subtractBuckets(current.negative, downscaled(previous.negative, steps));
  if (!positive || !negative) return null;
  return { kind: 'exponential', ...summary, scale: current.scale, zeroCount: current.zeroCount - previous.zeroCount, zeroThreshold: current.zeroThreshold, positive, negative };
}
