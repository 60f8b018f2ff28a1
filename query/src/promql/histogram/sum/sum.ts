import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { KahanSum } from '../../numbers/kahan.js';
import { NO_BUCKETS, reducedIndex, reducedSide, sameBounds, sharedBounds, upperBound, usesCustomBuckets } from '../buckets.js';
import { exponentialBound } from '../exponential-bound.js';
import { GrowingSide } from './growing-side.js';
import { widenedZero } from '../zero.js';

/** Exponential buckets and custom ones do not add up. */
export class IncompatibleSchemas extends Error {}

/**
 * A running sum of histograms (Prometheus' FloatHistogram.Add, Sub and KahanAdd): the coarser schema, the wider zero
 * bucket and the shared custom bounds of all that were added; every count compensated for rounding.
 */
export class HistogramSum {
  #schema = 0;
  #zeroThreshold = 0;
  #customBounds: Float64Array | null = null;
  readonly #zero = new KahanSum();
  readonly #count = new KahanSum();
  readonly #sum = new KahanSum();
  readonly #positive = new GrowingSide(NO_BUCKETS);
  readonly #negative = new GrowingSide(NO_BUCKETS);
  counterReset: NativeHistogram['counterReset'] = 'unknown';
  /** A histogram that says `reset` met one that says `no`. */
  collided = false;
  /** Histograms with other custom bounds were added. */
  reconciled = false;

  constructor(first: NativeHistogram | null) {
    if (first !== null) this.begin(first);
  }

  /** Forgets what was summed up and begins with another one, in the memory that it has. */
  begin(first: NativeHistogram): void {
    this.#schema = first.schema;
    this.#zeroThreshold = first.zeroThreshold;
    this.#customBounds = first.customBounds;
    this.#zero.begin(first.zeroCount);
    this.#count.begin(first.count);
    this.#sum.begin(first.sum);
    this.#positive.begin(first.positive);
    this.#negative.begin(first.negative);
    this.counterReset = first.counterReset;
    this.collided = false;
    this.reconciled = false;
  }

  /** Adds `factor` times the histogram. Throws IncompatibleSchemas and is unchanged then. */
  add(other: NativeHistogram, factor = 1): void {
    const custom = this.#schema === other.schema && usesCustomBuckets(other);
    if (!custom && (usesCustomBuckets(other) || usesCustomBuckets({ schema: this.#schema }))) throw new IncompatibleSchemas();
    this.#meetHint(other.counterReset);
    this.#count.add(other.count * factor);
    this.#sum.add(other.sum * factor);
    if (custom) {
      this.#addCustom(other, factor);
      return;
    }
    this.#zero.add(this.#meetZeroBucket(other) * factor);
    this.reduceTo(other.schema);
    this.#addSide(this.#positive, other, other.positive, factor);
    this.#addSide(this.#negative, other, other.negative, factor);
  }

  scale(factor: number): void {
    for (const number of [this.#zero, this.#count, this.#sum]) {
      number.sum *= factor;
      number.compensation *= factor;
    }
    this.#positive.scale(factor);
    this.#negative.scale(factor);
  }

  /** Whether adding the histogram might exceed what a number holds. */
  mightOverflow(other: NativeHistogram): boolean {
    let most = Math.max(Math.abs(this.#zero.sum), Math.abs(this.#count.sum), Math.abs(this.#sum.sum) || 0);
    most = Math.max(most, this.#positive.greatest, this.#negative.greatest);
    let more = Math.max(Math.abs(other.zeroCount), Math.abs(other.count), Math.abs(other.sum) || 0);
    more = Math.max(more, greatestOf(other.positive.counts), greatestOf(other.negative.counts));
    return most + more === Infinity;
  }

  /** The sum divided by `divisor`, without empty buckets. */
  value(divisor = 1): NativeHistogram {
    const number = ({ sum, compensation }: KahanSum) => (divisor === 1 ? sum + compensation : sum / divisor + compensation / divisor);
    return {
      schema: this.#schema, zeroThreshold: this.#zeroThreshold, zeroCount: number(this.#zero), count: number(this.#count), sum: number(this.#sum),
      positive: this.#positive.value(divisor), negative: this.#negative.value(divisor), customBounds: this.#customBounds, counterReset: this.counterReset,
    };
  }

  #meetHint(hint: NativeHistogram['counterReset']): void {
    if (hint === this.counterReset || this.counterReset === 'gauge') return;
    if (hint === 'gauge') this.counterReset = 'gauge';
    else if (this.counterReset !== 'unknown') {
      if (hint !== 'unknown') this.collided = true;
      this.counterReset = 'unknown';
    }
  }

  /** Widens the zero buckets until they agree; returns the other's count then. */
  #meetZeroBucket(other: NativeHistogram): number {
    let count = other.zeroCount;
    let threshold = other.zeroThreshold;
    while (threshold !== this.#zeroThreshold && !Number.isNaN(threshold) && !Number.isNaN(this.#zeroThreshold)) {
      if (this.#zeroThreshold > threshold) ({ count, threshold } = widenedZero(other, this.#zeroThreshold));
      if (threshold > this.#zeroThreshold) this.#widen(threshold);
    }
    return count;
  }

  #widen(threshold: number): void {
    const before = { schema: this.#schema, zeroThreshold: this.#zeroThreshold, zeroCount: 0, customBounds: null, positive: this.#positive.view, negative: this.#negative.view };
    const widened = widenedZero(before, threshold);
    this.#zeroThreshold = widened.threshold;
    for (const side of [this.#positive, this.#negative]) {
      let inside = 0;
      while (inside < side.length && upperBound(before, (side.offsets[inside] ?? 0) - 1) < widened.threshold) {
        this.#zero.add(side.countAt(inside));
        this.#zero.add(side.lostAt(inside));
        inside++;
      }
      side.dropFirst(inside);
    }
  }

  /** Goes down to a coarser exponential schema; a finer one changes nothing. */
  reduceTo(schema: number): void {
    if (schema >= this.#schema) return;
    const from = this.#schema;
    this.#positive.reindex((index) => reducedIndex(index, from, schema));
    this.#negative.reindex((index) => reducedIndex(index, from, schema));
    this.#schema = schema;
  }

  #addSide(into: GrowingSide, { schema }: NativeHistogram, side: NativeHistogram['positive'], factor: number): void {
    if (side.offsets.length === 0) return;
    const added = reducedSide(side, schema, this.#schema);
    let from = 0;
    // What lies inside the zero bucket was counted with it.
    if (this.#zeroThreshold > 0) while (from < added.offsets.length && exponentialBound(added.offsets[from] as number, this.#schema) <= this.#zeroThreshold) from++;
    into.add(added, from, factor);
  }

  #addCustom(other: NativeHistogram, factor: number): void {
    if (sameBounds(this.#customBounds, other.customBounds)) {
      this.#positive.add(other.positive, 0, factor);
      return;
    }
    this.reconciled = true;
    const bounds = sharedBounds(this.#customBounds, other.customBounds);
    this.#positive.reindex(onto(bounds, this.#customBounds));
    const others = new GrowingSide(other.positive);
    others.reindex(onto(bounds, other.customBounds));
    this.#positive.add(others.view, 0, factor);
    this.#customBounds = bounds;
  }
}

/** The greatest size of a count. */
function greatestOf(counts: Float64Array): number {
  let found = 0;
  for (let i = 0; i < counts.length; i++) found = Math.max(found, Math.abs(counts[i] as number));
  return found;
}

/** The index of each bucket, asked by ascending index, once only the bounds in `bounds` are left. */
function onto(bounds: Float64Array, from: Float64Array | null): (index: number) => number {
  let target = 0;
  return (index) => {
    const bound = from?.[index];
    if (bound === undefined) return bounds.length;
    while (target < bounds.length && (bounds[target] ?? Infinity) < bound) target++;
    return target;
  };
}
