import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { KahanSum } from '../kahan.js';
import type { Side } from './buckets.js';
import { NO_BUCKETS, compactSide, reducedIndex, reducedSide, sameBounds, sharedBounds, upperBound, usesCustomBuckets } from './buckets.js';
import { widenedZero } from './zero.js';

/** Exponential buckets and custom ones do not add up. */
export class IncompatibleSchemas extends Error {}

/** Buckets with what rounding took from each. */
interface CompensatedSide extends Side {
  readonly lost: Float64Array;
}

/**
 * A running sum of histograms (Prometheus' FloatHistogram.Add, Sub and KahanAdd): the coarser schema, the wider zero
 * bucket and the shared custom bounds of all that were added; every count compensated for rounding.
 */
export class HistogramSum {
  #schema: number;
  #zeroThreshold: number;
  #customBounds: Float64Array | null;
  readonly #zero = new KahanSum();
  readonly #count = new KahanSum();
  readonly #sum = new KahanSum();
  #positive: CompensatedSide;
  #negative: CompensatedSide;
  counterReset: NativeHistogram['counterReset'];
  /** A histogram that says `reset` met one that says `no`. */
  collided = false;
  /** Histograms with other custom bounds were added. */
  reconciled = false;

  constructor(first: NativeHistogram) {
    this.#schema = first.schema;
    this.#zeroThreshold = first.zeroThreshold;
    this.#customBounds = first.customBounds;
    this.#zero.sum = first.zeroCount;
    this.#count.sum = first.count;
    this.#sum.sum = first.sum;
    this.#positive = compensated(first.positive);
    this.#negative = compensated(first.negative);
    this.counterReset = first.counterReset;
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
    const schema = this.#schema;
    this.#positive = this.#merged(this.#positive, reducedSide(other.positive, other.schema, schema), factor);
    this.#negative = this.#merged(this.#negative, reducedSide(other.negative, other.schema, schema), factor);
  }

  scale(factor: number): void {
    for (const number of [this.#zero, this.#count, this.#sum]) {
      number.sum *= factor;
      number.compensation *= factor;
    }
    for (const { counts, lost } of [this.#positive, this.#negative]) {
      for (let i = 0; i < counts.length; i++) {
        counts[i] = (counts[i] ?? 0) * factor;
        lost[i] = (lost[i] ?? 0) * factor;
      }
    }
  }

  /** Whether adding the histogram might exceed what a number holds. */
  mightOverflow(other: NativeHistogram): boolean {
    let most = Math.max(Math.abs(this.#zero.sum), Math.abs(this.#count.sum), Math.abs(this.#sum.sum) || 0);
    for (const { counts } of [this.#positive, this.#negative]) for (const count of counts) most = Math.max(most, Math.abs(count));
    let more = Math.max(Math.abs(other.zeroCount), Math.abs(other.count), Math.abs(other.sum) || 0);
    for (const { counts } of [other.positive, other.negative]) for (const count of counts) more = Math.max(more, Math.abs(count));
    return most + more === Infinity;
  }

  /** The sum divided by `divisor`, without empty buckets. */
  value(divisor = 1): NativeHistogram {
    const number = ({ sum, compensation }: KahanSum) => (divisor === 1 ? sum + compensation : sum / divisor + compensation / divisor);
    return {
      schema: this.#schema, zeroThreshold: this.#zeroThreshold, zeroCount: number(this.#zero), count: number(this.#count), sum: number(this.#sum),
      customBounds: this.#customBounds, counterReset: this.counterReset, positive: settled(this.#positive, divisor), negative: settled(this.#negative, divisor),
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
    const before = { schema: this.#schema, zeroThreshold: this.#zeroThreshold, zeroCount: 0, customBounds: null, positive: this.#positive, negative: this.#negative };
    const widened = widenedZero(before, threshold);
    this.#zeroThreshold = widened.threshold;
    const outside = (side: CompensatedSide): CompensatedSide => {
      let inside = 0;
      while (inside < side.offsets.length && upperBound(before, (side.offsets[inside] ?? 0) - 1) < widened.threshold) {
        this.#zero.add(side.counts[inside] ?? 0);
        this.#zero.add(side.lost[inside] ?? 0);
        inside++;
      }
      return { offsets: side.offsets.subarray(inside), counts: side.counts.subarray(inside), lost: side.lost.subarray(inside) };
    };
    this.#positive = outside(this.#positive);
    this.#negative = outside(this.#negative);
  }

  /** Goes down to a coarser exponential schema; a finer one changes nothing. */
  reduceTo(schema: number): void {
    if (schema >= this.#schema) return;
    const reduce = (side: CompensatedSide): CompensatedSide => {
      const offsets = side.offsets.map((index) => reducedIndex(index, this.#schema, schema));
      return joined(offsets, side);
    };
    this.#positive = reduce(this.#positive);
    this.#negative = reduce(this.#negative);
    this.#schema = schema;
  }

  #merged(into: CompensatedSide, added: Side, factor: number): CompensatedSide {
    let from = 0;
    // What lies inside the zero bucket was counted with it.
    while (from < added.offsets.length && upperBound({ schema: this.#schema, customBounds: null }, added.offsets[from] ?? 0) <= this.#zeroThreshold) from++;
    return mergedSides(into, from === 0 ? added : { offsets: added.offsets.subarray(from), counts: added.counts.subarray(from) }, factor);
  }

  #addCustom(other: NativeHistogram, factor: number): void {
    if (sameBounds(this.#customBounds, other.customBounds)) {
      this.#positive = mergedSides(this.#positive, other.positive, factor);
      return;
    }
    this.reconciled = true;
    const bounds = sharedBounds(this.#customBounds, other.customBounds);
    const own = onto(bounds, this.#customBounds, this.#positive.offsets);
    const others = onto(bounds, other.customBounds, other.positive.offsets);
    this.#positive = mergedSides(joined(own, this.#positive), joined(others, compensated(other.positive)), factor);
    this.#customBounds = bounds;
  }
}

function compensated({ offsets, counts }: Side): CompensatedSide {
  return { offsets, counts: counts.slice(), lost: new Float64Array(counts.length) };
}

function settled({ offsets, counts, lost }: CompensatedSide, divisor: number): Side {
  if (offsets.length === 0) return NO_BUCKETS;
  const settledCounts = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) settledCounts[i] = (counts[i] as number) / divisor + (lost[i] as number) / divisor;
  return compactSide({ offsets, counts: settledCounts });
}

/** The index of each bucket once only the bounds in `bounds` are left. */
function onto(bounds: Float64Array, from: Float64Array | null, offsets: Int32Array): Int32Array {
  let target = 0;
  return offsets.map((index) => {
    const bound = from?.[index];
    if (bound === undefined) return bounds.length;
    while (target < bounds.length && (bounds[target] ?? Infinity) < bound) target++;
    return target;
  });
}

/** Buckets under new, ascending indexes, of which neighbours may be equal: those become one. */
function joined(indexes: Int32Array, side: CompensatedSide): CompensatedSide {
  const offsets = new Int32Array(indexes.length);
  const counts = new Float64Array(indexes.length);
  const lost = new Float64Array(indexes.length);
  const sum = new KahanSum();
  let at = -1;
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number;
    if (at < 0 || offsets[at] !== index) {
      offsets[++at] = index;
      sum.sum = 0;
      sum.compensation = 0;
    }
    sum.add(side.counts[i] as number);
    sum.add(side.lost[i] as number);
    counts[at] = sum.sum;
    lost[at] = sum.compensation;
  }
  return { offsets: offsets.subarray(0, at + 1), counts: counts.subarray(0, at + 1), lost: lost.subarray(0, at + 1) };
}

function mergedSides(into: CompensatedSide, added: Side, factor: number): CompensatedSide {
  if (added.offsets.length === 0) return into;
  const target = sameOffsets(into.offsets, added.offsets) ? into : withRoomFor(into, added.offsets);
  const step = new KahanSum();
  let at = 0;
  for (let i = 0; i < added.offsets.length; i++) {
    while ((target.offsets[at] ?? 0) < (added.offsets[i] ?? 0)) at++;
    step.sum = target.counts[at] ?? 0;
    step.compensation = target.lost[at] ?? 0;
    step.add((added.counts[i] ?? 0) * factor);
    target.counts[at] = step.sum;
    target.lost[at] = step.compensation;
  }
  return target;
}

/** The same with room for more indexes, both ascending. */
function withRoomFor(side: CompensatedSide, more: Int32Array): CompensatedSide {
  const room = side.offsets.length + more.length;
  const wider = { offsets: new Int32Array(room), counts: new Float64Array(room), lost: new Float64Array(room) };
  let count = 0;
  let i = 0;
  for (let other = 0; i < side.offsets.length || other < more.length; count++) {
    const own = i < side.offsets.length ? side.offsets[i] as number : Infinity;
    const next = other < more.length ? more[other] as number : Infinity;
    if (next <= own) other++;
    wider.offsets[count] = Math.min(own, next);
    if (own > next) continue;
    wider.counts[count] = side.counts[i] as number;
    wider.lost[count] = side.lost[i++] as number;
  }
  return { offsets: wider.offsets.subarray(0, count), counts: wider.counts.subarray(0, count), lost: wider.lost.subarray(0, count) };
}

function sameOffsets(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
