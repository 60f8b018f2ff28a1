import type { ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint } from '@signalbox/signals/model/metric';

/** What counts of a data point, without its time and attributes. Plain, so that it goes into a snapshot as it is. */
export type Accumulated =
  | { readonly kind: 'number'; readonly value: bigint | number }
  | ({ readonly kind: 'histogram' } & Pick<HistogramDataPoint, 'count' | 'sum' | 'min' | 'max' | 'bucketCounts' | 'explicitBounds'>)
  | ({ readonly kind: 'exponential'; readonly positive: ExponentialBuckets; readonly negative: ExponentialBuckets } & Pick<ExponentialHistogramDataPoint, 'count' | 'sum' | 'min' | 'max' | 'scale' | 'zeroCount' | 'zeroThreshold'>);

export type TemporalPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint;

const NO_BUCKETS: ExponentialBuckets = { offset: 0, bucketCounts: [] };

/** Null for a point that has no value. */
export function accumulatedOf(point: TemporalPoint): Accumulated | null {
  if ('value' in point) return point.value === null ? null : { kind: 'number', value: point.value };
  const { count, sum, min, max } = point;
  if ('scale' in point) return { kind: 'exponential', count, sum, min, max, scale: point.scale, zeroCount: point.zeroCount, zeroThreshold: point.zeroThreshold, positive: point.positive ?? NO_BUCKETS, negative: point.negative ?? NO_BUCKETS };
  return { kind: 'histogram', count, sum, min, max, bucketCounts: point.bucketCounts, explicitBounds: point.explicitBounds };
}

/** The point with other values; exemplars and attributes stay. */
export function withAccumulated<P extends TemporalPoint>(point: P, { kind: _kind, ...values }: Accumulated, startNs: bigint): P {
  return { ...point, ...values, startNs };
}

export function addNumbers(a: bigint | number, b: bigint | number): bigint | number {
  return typeof a === 'bigint' && typeof b === 'bigint' ? BigInt.asIntN(64, a + b) : Number(a) + Number(b);
}

export function subtractNumbers(a: bigint | number, b: bigint | number): bigint | number {
  return typeof a === 'bigint' && typeof b === 'bigint' ? BigInt.asIntN(64, a - b) : Number(a) - Number(b);
}
