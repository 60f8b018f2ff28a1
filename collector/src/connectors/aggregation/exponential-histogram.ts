import type { Histogram, HistogramValues } from './histogram.js';

const MAX_SCALE = 20;
const MIN_SCALE = -10;
const MANTISSA_HIGH = 0xfffff;
const EXPONENT_BIAS = 1023;
/** Exemplar slots: powers of two from 2^-40 on. */
const SLOT_OFFSET = 40;
const SLOTS = 80;
const BITS = new DataView(new ArrayBuffer(8));

export interface SavedExponentialHistogram {
  readonly kind: 'exponential';
  readonly scale: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly offset: number;
  readonly counts: readonly number[];
}

/**
 * The bucket of a positive value: (base^index, base^(index + 1)], base = 2^(2^-scale) (OpenTelemetry metrics data model,
 * exponential histograms). Exact at powers of two; between them as exact as a logarithm is.
 */
export function exponentialIndex(value: number, scale: number): number {
  BITS.setFloat64(0, value);
  const high = BITS.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - EXPONENT_BIAS;
  const isPower = (high & MANTISSA_HIGH) === 0 && BITS.getUint32(4) === 0;
  if (scale <= 0) return (isPower ? exponent - 1 : exponent) >> -scale;
  if (isPower) return exponent * 2 ** scale - 1;
  const index = Math.floor(Math.log2(value) * 2 ** scale);
  // Next to a power of two the logarithm may round onto it.
  return Math.min(Math.max(index, exponent * 2 ** scale), (exponent + 1) * 2 ** scale - 1);
}

/** A base-2 exponential histogram that begins as fine as it can and gets coarser when its values no longer fit into its buckets. */
export class ExponentialHistogram implements Histogram {
  readonly #maxSize: number;
  #scale = MAX_SCALE;
  #zeroCount = 0;
  #count = 0;
  #sum = 0;
  #offset = 0;
  #counts: number[] = [];

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  static load(maxSize: number, saved: SavedExponentialHistogram): ExponentialHistogram {
    const histogram = new ExponentialHistogram(maxSize);
    histogram.#scale = saved.scale;
    histogram.#zeroCount = saved.zeroCount;
    histogram.#count = saved.count;
    histogram.#sum = saved.sum;
    histogram.#offset = saved.offset;
    histogram.#counts = [...saved.counts];
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  observe(value: number): number {
    this.#count++;
    if (!(value > 0)) {
      this.#zeroCount++;
      return 0;
    }
    this.#sum += value;
    let index = exponentialIndex(value, this.#scale);
    if (this.#counts.length === 0) {
      this.#offset = index;
      this.#counts.push(1);
    } else {
      const steps = this.#stepsFor(index);
      if (steps > 0) {
        this.#downscale(steps);
        index = exponentialIndex(value, this.#scale);
      }
      this.#add(index);
    }
    return Math.min(Math.max(Math.ceil(Math.log2(value)) + SLOT_OFFSET, 0), SLOTS - 1);
  }

  values(): HistogramValues {
    return {
      count: BigInt(this.#count),
      sum: this.#sum,
      min: null,
      max: null,
      scale: this.#scale,
      zeroCount: BigInt(this.#zeroCount),
      zeroThreshold: 0,
      positive: { offset: this.#offset, bucketCounts: this.#counts.map(BigInt) },
      negative: null,
    };
  }

  save(): SavedExponentialHistogram {
    return { kind: 'exponential', scale: this.#scale, zeroCount: this.#zeroCount, count: this.#count, sum: this.#sum, offset: this.#offset, counts: this.#counts };
  }

  /** Steps of scale until the buckets with this one fit. */
  #stepsFor(index: number): number {
    let low = Math.min(this.#offset, index);
    let high = Math.max(this.#offset + this.#counts.length - 1, index);
    let steps = 0;
    while (high - low + 1 > this.#maxSize && this.#scale - steps > MIN_SCALE) {
      low >>= 1;
      high >>= 1;
      steps++;
    }
    return steps;
  }

  #downscale(steps: number): void {
    const offset = this.#offset >> steps;
    const last = (this.#offset + this.#counts.length - 1) >> steps;
    const counts = new Array<number>(last - offset + 1).fill(0);
    this.#counts.forEach((count, i) => (counts[((this.#offset + i) >> steps) - offset] += count));
    this.#scale -= steps;
    this.#offset = offset;
    this.#counts = counts;
  }

  #add(index: number): void {
    const at = index - this.#offset;
    if (at < 0) {
      this.#counts = [...new Array<number>(-at).fill(0), ...this.#counts];
      this.#offset = index;
      this.#counts[0]++;
      return;
    }
    while (this.#counts.length <= at) this.#counts.push(0);
    this.#counts[at]++;
  }
}
