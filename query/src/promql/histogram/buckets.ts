import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { exponentialBound } from './exponential-bound.js';

/** The schema of native histograms whose bucket bounds are listed (NHCB). */
export const CUSTOM_SCHEMA = -53;

export interface Bucket {
  lower: number;
  upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/** One side's buckets, by ascending index. */
export interface Side {
  readonly offsets: Int32Array;
  readonly counts: Float64Array;
}

export const NO_BUCKETS: Side = { offsets: new Int32Array(), counts: new Float64Array() };

export function usesCustomBuckets({ schema }: { readonly schema: number }): boolean {
  return schema === CUSTOM_SCHEMA;
}

/** The upper bound of a bucket of the positive side; -Inf and +Inf around custom bounds. */
export function upperBound({ schema, customBounds }: Pick<NativeHistogram, 'schema' | 'customBounds'>, index: number): number {
  if (schema !== CUSTOM_SCHEMA) return exponentialBound(index, schema);
  if (index < 0) return -Infinity;
  return customBounds !== null && index < customBounds.length ? customBounds[index] ?? Infinity : Infinity;
}

export function positiveBucket(histogram: Pick<NativeHistogram, 'schema' | 'customBounds'>, index: number, count: number): Bucket {
  const [lower, upper] = [upperBound(histogram, index - 1), upperBound(histogram, index)];
  if (usesCustomBuckets(histogram)) return { lower, upper, lowerInclusive: index === 0, upperInclusive: true, count };
  return { lower, upper, lowerInclusive: lower < 0, upperInclusive: upper > 0, count };
}

export function negativeBucket(histogram: Pick<NativeHistogram, 'schema' | 'customBounds'>, index: number, count: number): Bucket {
  const [lower, upper] = [-upperBound(histogram, index), -upperBound(histogram, index - 1)];
  return { lower, upper, lowerInclusive: lower < 0, upperInclusive: upper > 0, count };
}

/** All buckets by ascending bounds; one that reaches into the zero bucket ends at it. Empty ones are left out. */
export function allBuckets(histogram: NativeHistogram): Bucket[] {
  const { positive, negative, zeroThreshold, zeroCount } = histogram;
  const found: Bucket[] = [];
  for (let i = negative.offsets.length - 1; i >= 0; i--) {
    const count = negative.counts[i] ?? 0;
    if (count === 0) continue;
    const bucket = negativeBucket(histogram, negative.offsets[i] ?? 0, count);
    if (bucket.upper < 0 && bucket.upper > -zeroThreshold) bucket.upper = -zeroThreshold;
    found.push(bucket);
  }
  if (zeroCount > 0) found.push(zeroBucket(histogram));
  for (let i = 0; i < positive.offsets.length; i++) {
    const count = positive.counts[i] ?? 0;
    if (count === 0) continue;
    const bucket = positiveBucket(histogram, positive.offsets[i] ?? 0, count);
    if (bucket.lower > 0 && bucket.lower < zeroThreshold) bucket.lower = zeroThreshold;
    found.push(bucket);
  }
  return found;
}

export function zeroBucket({ zeroThreshold, zeroCount }: NativeHistogram): Bucket {
  return { lower: -zeroThreshold, upper: zeroThreshold, lowerInclusive: true, upperInclusive: true, count: zeroCount };
}

/** A side at a coarser schema: each step down joins two neighbours. */
export function reducedSide(side: Side, from: number, to: number): Side {
  if (from === to || side.offsets.length === 0) return side;
  const offsets: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < side.offsets.length; i++) {
    const index = reducedIndex(side.offsets[i] ?? 0, from, to);
    const count = side.counts[i] ?? 0;
    if (offsets.length > 0 && offsets[offsets.length - 1] === index) counts[counts.length - 1] = (counts[counts.length - 1] ?? 0) + count;
    else {
      offsets.push(index);
      counts.push(count);
    }
  }
  return { offsets: Int32Array.from(offsets), counts: Float64Array.from(counts) };
}

export function reducedIndex(index: number, from: number, to: number): number {
  return ((index - 1) >> (from - to)) + 1;
}

/** A side without empty buckets. */
export function compactSide(side: Side): Side {
  if (!side.counts.includes(0)) return side;
  const kept = side.counts.filter((count) => count !== 0);
  return { offsets: side.offsets.filter((_, i) => side.counts[i] !== 0), counts: kept };
}

export function compacted(histogram: NativeHistogram): NativeHistogram {
  const positive = compactSide(histogram.positive);
  const negative = compactSide(histogram.negative);
  if (positive === histogram.positive && negative === histogram.negative) return histogram;
  const { schema, zeroThreshold, zeroCount, count, sum, customBounds, counterReset } = histogram;
  return { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds, counterReset };
}

export function sameBounds(a: Float64Array | null, b: Float64Array | null): boolean {
  if (a === b) return true;
  if ((a?.length ?? 0) !== (b?.length ?? 0)) return false;
  return a === null || b === null || a.every((bound, i) => bound === b[i]);
}

/** Bounds that two ascending lists share. */
export function sharedBounds(a: Float64Array | null, b: Float64Array | null): Float64Array {
  const other = new Set(b ?? []);
  return (a ?? new Float64Array()).filter((bound) => other.has(bound));
}
