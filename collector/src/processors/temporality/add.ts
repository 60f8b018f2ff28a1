import { addNumbers, type Accumulated } from './accumulated.js';
import { addBuckets, belowZeroThreshold, downscaled, stepsToFit } from './exponential.js';

/** The sum of two; null where they cannot be added (other kind, other bounds): a new stream begins then. */
export function add(a: Accumulated, b: Accumulated): Accumulated | null {
  if (a.kind === 'number') return b.kind === 'number' ? { kind: 'number', value: addNumbers(a.value, b.value) } : null;
  if (a.kind === 'histogram') {
    if (b.kind !== 'histogram' || !sameBounds(a.explicitBounds, b.explicitBounds) || a.bucketCounts.length !== b.bucketCounts.length) return null;
    return { kind: 'histogram', ...summary(a, b), bucketCounts: a.bucketCounts.map((count, i) => count + b.bucketCounts[i]), explicitBounds: b.explicitBounds };
  }
  return b.kind === 'exponential' ? addExponential(a, b) : null;
}

type Exponential = Accumulated & { kind: 'exponential' };

function addExponential(a: Exponential, b: Exponential): Accumulated {
  let scale = Math.min(a.scale, b.scale);
  const at = (whole: Exponential, to: number): Pick<Exponential, 'positive' | 'negative'> => ({ positive: downscaled(whole.positive, whole.scale - to), negative: downscaled(whole.negative, whole.scale - to) });
  let [left, right] = [at(a, scale), at(b, scale)];
  const steps = Math.max(stepsToFit(left.positive, right.positive), stepsToFit(left.negative, right.negative));
  if (steps > 0) {
    scale -= steps;
    [left, right] = [at(a, scale), at(b, scale)];
  }
  let [positive, negative] = [addBuckets(left.positive, right.positive), addBuckets(left.negative, right.negative)];
  let zeroCount = a.zeroCount + b.zeroCount;
  const zeroThreshold = Math.max(a.zeroThreshold, b.zeroThreshold);
  if (a.zeroThreshold !== b.zeroThreshold) {
    const [above, below] = [belowZeroThreshold(positive, scale, zeroThreshold), belowZeroThreshold(negative, scale, zeroThreshold)];
    [positive, negative] = [above.buckets, below.buckets];
    zeroCount += above.moved + below.moved;
  }
  return { kind: 'exponential', ...summary(a, b), scale, zeroCount, zeroThreshold, positive, negative };
}

type Summary = Pick<Exponential, 'count' | 'sum' | 'min' | 'max'>;

function summary(a: Summary, b: Summary): Summary {
  return {
    count: a.count + b.count,
    sum: a.sum === null || b.sum === null ? null : a.sum + b.sum,
    min: a.min === null || b.min === null ? null : Math.min(a.min, b.min),
    max: a.max === null || b.max === null ? null : Math.max(a.max, b.max),
  };
}

export function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}
