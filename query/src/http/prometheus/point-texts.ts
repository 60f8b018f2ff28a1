import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { allBuckets } from '../../promql/histogram/buckets.js';
import { boundaries } from '../../promql/histogram/text.js';
import { formatValue } from '../../promql/number-text.js';

/** Bounds of which the texts are kept; more start anew. */
const MAX_BOUNDS = 10_000;

/** Texts that come again and again within one answer. */
export class PointTexts {
  #times: Float64Array | null = null;
  #heads: readonly string[] = [];
  readonly #bounds = new Map<number, string>();

  /** The beginnings of points at these times: `,[1700000000,`. Series with a point at each step have the same. */
  headsOf(timesMs: Float64Array): readonly string[] {
    if (timesMs !== this.#times) {
      this.#times = timesMs;
      this.#heads = Array.from(timesMs, (timeMs) => `,[${secondsText(timeMs)},`);
    }
    return this.#heads;
  }

  /** A histogram as Prometheus' API writes it. */
  histogram(histogram: NativeHistogram): string {
    let buckets = '';
    for (const bucket of allBuckets(histogram)) {
      buckets += `,[${boundaries(bucket)},"${this.#bound(bucket.lower)}","${this.#bound(bucket.upper)}","${formatValue(bucket.count)}"]`;
    }
    const bucketsText = buckets === '' ? '' : `,"buckets":[${buckets.slice(1)}]`;
    return `{"count":"${formatValue(histogram.count)}","sum":"${formatValue(histogram.sum)}"${bucketsText}}`;
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
