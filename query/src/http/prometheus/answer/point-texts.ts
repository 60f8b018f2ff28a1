import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { allBuckets, negativeBucket, positiveBucket, usesCustomBuckets, zeroBucket } from '../../../promql/histogram/buckets.js';
import type { Bucket } from '../../../promql/histogram/buckets.js';
import { boundaries } from '../../../promql/histogram/text.js';
import { formatValue } from '../../../promql/numbers/number-text.js';

/** Bounds of which the texts are kept; more start anew. */
const MAX_BOUNDS = 10_000;

/** As many times as a series may have points. */
const MAX_TIMES = 11_000;
/** Schemas go from -4 to 8. */
const SCHEMAS = 16;

interface KnownBucket {
  readonly bucket: Bucket;
  readonly head: string;
}

/** Texts that come again and again within one answer. */
export class PointTexts {
  #times: Float64Array | null = null;
  #heads: readonly string[] = [];
  readonly #headsByTime = new Map<number, string>();
  readonly #bounds = new Map<number, string>();
  readonly #buckets = new Map<number, KnownBucket>();

  /**
   * What stands before a value at each of these times, with the end of the value before: `"],[1700000000,"`. Series with a point at
   * each step have the same times.
   */
  headsOf(timesMs: Float64Array): readonly string[] {
    if (timesMs !== this.#times) {
      this.#times = timesMs;
      const heads: string[] = [];
      for (let i = 0; i < timesMs.length; i++) heads.push(this.#headAt(timesMs[i] as number));
      this.#heads = heads;
    }
    return this.#heads;
  }

  /** Series with gaps have some of the same times. */
  #headAt(timeMs: number): string {
    let head = this.#headsByTime.get(timeMs);
    if (head === undefined) {
      if (this.#headsByTime.size >= MAX_TIMES) this.#headsByTime.clear();
      head = `"],[${secondsText(timeMs)},"`;
      this.#headsByTime.set(timeMs, head);
    }
    return head;
  }

  /** A histogram as Prometheus' API writes it. */
  histogram(histogram: NativeHistogram): string {
    const buckets = usesCustomBuckets(histogram) ? this.#customBuckets(histogram) : this.#exponentialBuckets(histogram);
    const bucketsText = buckets === '' ? '' : `,"buckets":[${buckets.slice(1)}]`;
    return `{"count":"${formatValue(histogram.count)}","sum":"${formatValue(histogram.sum)}"${bucketsText}}`;
  }

  #customBuckets(histogram: NativeHistogram): string {
    let text = '';
    for (const bucket of allBuckets(histogram)) text += `${this.#headOf(bucket)}${formatValue(bucket.count)}"]`;
    return text;
  }

  /** In the order of `allBuckets`, without an object for each. */
  #exponentialBuckets(histogram: NativeHistogram): string {
    const { positive, negative, zeroCount, zeroThreshold } = histogram;
    let text = '';
    for (let i = negative.offsets.length - 1; i >= 0; i--) {
      const count = negative.counts[i] as number;
      if (count === 0) continue;
      const { bucket, head } = this.#bucket(histogram, negative.offsets[i] as number, true);
      const cut = bucket.upper < 0 && bucket.upper > -zeroThreshold;
      text += `${cut ? this.#headOf({ ...bucket, upper: -zeroThreshold }) : head}${formatValue(count)}"]`;
    }
    if (zeroCount > 0) text += `${this.#headOf(zeroBucket(histogram))}${formatValue(zeroCount)}"]`;
    for (let i = 0; i < positive.offsets.length; i++) {
      const count = positive.counts[i] as number;
      if (count === 0) continue;
      const { bucket, head } = this.#bucket(histogram, positive.offsets[i] as number, false);
      const cut = bucket.lower > 0 && bucket.lower < zeroThreshold;
      text += `${cut ? this.#headOf({ ...bucket, lower: zeroThreshold }) : head}${formatValue(count)}"]`;
    }
    return text;
  }

  /** An exponential bucket, whatever its count is, and the text before the count. */
  #bucket(histogram: NativeHistogram, index: number, negative: boolean): KnownBucket {
    const key = (index * SCHEMAS + histogram.schema) * 2 + (negative ? 1 : 0);
    let known = this.#buckets.get(key);
    if (known === undefined) {
      if (this.#buckets.size >= MAX_BOUNDS) this.#buckets.clear();
      const bucket = negative ? negativeBucket(histogram, index, 0) : positiveBucket(histogram, index, 0);
      known = { bucket, head: this.#headOf(bucket) };
      this.#buckets.set(key, known);
    }
    return known;
  }

  #headOf(bucket: Bucket): string {
    return `,[${boundaries(bucket)},"${this.#bound(bucket.lower)}","${this.#bound(bucket.upper)}","`;
  }

  #bound(bound: number): string {
    let text = this.#bounds.get(bound);
    if (text === undefined) {
      if (this.#bounds.size >= MAX_BOUNDS) this.#bounds.clear();
      // A key of -0 is one of 0.
      text = formatValue(bound);
      if (bound !== 0) this.#bounds.set(bound, text);
    }
    return text;
  }
}

/** Milliseconds as seconds with three decimals at most; also where the number would get an exponent. */
export function secondsText(timeMs: number): string {
  return String(timeMs / 1000);
}
