import type { NativeHistogram } from '@signalbox/signals/prometheus/types';

/** One bucket of a native histogram, with its bounds. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/** All buckets in ascending order, empty ones too: negative ones, the zero bucket, positive ones. */
export function* bucketsOf(histogram: NativeHistogram): Generator<Bucket> {
  const { schema, customBounds, negative, positive, zeroThreshold, zeroCount } = histogram;
  const custom = customBounds !== null;
  const bound = (index: number): number => (custom ? customBound(customBounds, index) : exponentialBound(schema, index));
  const bucket = (lower: number, upper: number, index: number, count: number): Bucket => ({
    lower, upper, count,
    lowerInclusive: custom ? index === 0 : lower < 0,
    upperInclusive: custom || upper > 0,
  });
  for (let i = negative.offsets.length - 1; i >= 0; i--) {
    const index = negative.offsets[i] ?? 0;
    const lower = -bound(index);
    const upper = -bound(index - 1);
    // The zero bucket takes what reaches into it, as upstream's iterator shows it.
    yield bucket(lower, upper < 0 && upper > -zeroThreshold ? -zeroThreshold : upper, index, negative.counts[i] ?? 0);
  }
  if (zeroCount > 0) yield { lower: -zeroThreshold, upper: zeroThreshold, lowerInclusive: true, upperInclusive: true, count: zeroCount };
  for (let i = 0; i < positive.offsets.length; i++) {
    const index = positive.offsets[i] ?? 0;
    const lower = bound(index - 1);
    const upper = bound(index);
    yield bucket(lower > 0 && lower < zeroThreshold ? zeroThreshold : lower, upper, index, positive.counts[i] ?? 0);
  }
}

/** Index 0 ends at the first bound; the last one has no end. */
function customBound(bounds: Float64Array, index: number): number {
  if (index < 0) return -Infinity;
  return bounds[index] ?? Infinity;
}

/** The upper bound of the bucket of an index: 2^(index / 2^schema), to the last bit as Prometheus has it. */
export function exponentialBound(schema: number, index: number): number {
  const scale = 2 ** -schema;
  if (schema <= 0) return finite(index * scale, 1);
  const steps = 2 ** schema;
  const whole = Math.floor(index / steps);
  return finite(whole, rootOfTwo((index - whole * steps) * (256 / steps)));
}

/** The bound before the overflow would be 2^1024, which the largest double stands for; ±Inf is counted beyond it. */
function finite(exponent: number, factor: number): number {
  if (exponent === 1024 && factor === 1) return Number.MAX_VALUE;
  return exponent < -1022 ? factor * 2 ** -1022 * 2 ** (exponent + 1022) : factor * 2 ** exponent;
}

const MAX_SCHEMA = 8;
const tables: readonly Float64Array[] = rootTables();

/** 2^(n/256) for n below 256. */
function rootOfTwo(n: number): number {
  return tables[MAX_SCHEMA]?.[n] ?? NaN;
}

/**
 * The bounds between 1 and 2 of each schema, by the recurrence that Prometheus' client library made its table with: every second
 * one is the previous schema's, the one after it is that times the base. (Math.pow alone differs in the last bit of two out of three.)
 */
function rootTables(): Float64Array[] {
  const found: Float64Array[] = [Float64Array.of(1)];
  for (let schema = 1; schema <= MAX_SCHEMA; schema++) {
    const coarser = found[schema - 1] ?? new Float64Array();
    // Go's Exp2(0.5) is one bit less than the square root of 2.
    const base = schema === 1 ? 1.414213562373095 : 2 ** (2 ** -schema);
    found.push(Float64Array.from({ length: 2 ** schema }, (_, i) => (i % 2 === 0 ? 1 : base) * (coarser[i >> 1] ?? NaN)));
  }
  return found;
}
