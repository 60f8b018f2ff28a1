import type { Series } from '@signalbox/query/readers';
import { STALE_NAN_BITS, type Labels, type NativeHistogram } from '@signalbox/signals/prometheus/types';
import { histogramFromJson } from '../tables/histogram-json.js';
import { SPECIAL } from '../tables/samples.js';

const STALE = new Float64Array(new BigUint64Array([STALE_NAN_BITS]).buffer);
const FIRST_SLOTS = 128;

/** Samples of one series while they are read: from file after file, usually in ascending time already. */
export class SampleColumns {
  private times = new Float64Array(FIRST_SLOTS);
  /** Written as bits, since copying a number may change the bits of a NaN. */
  private values = new Float64Array(FIRST_SLOTS);
  private histograms: (string | null)[] | null = null;
  private count = 0;
  private ascending = true;

  add(timeMs: number, value: number, special: number, histogram: string | null): void {
    if (this.count === this.times.length) this.grow();
    const at = this.count++;
    if (at > 0 && timeMs <= this.times[at - 1]) this.ascending = false;
    this.times[at] = timeMs;
    this.setValue(at, value, special);
    if (histogram !== null) this.histograms ??= new Array<string | null>(at).fill(null);
    this.histograms?.push(histogram);
  }

  /** In ascending time; of several samples of one time the one that was received last. */
  finish(labels: Labels): Series {
    const order = this.ascending ? null : this.order();
    const length = order?.length ?? this.count;
    const timesMs = new Float64Array(length);
    const values = new Float64Array(length);
    const from = bits(this.values);
    const to = bits(values);
    for (let i = 0; i < length; i++) {
      const at = order ? order[i] : i;
      timesMs[i] = this.times[at];
      to[i] = from[at];
    }
    const texts = this.histograms;
    const histograms = texts && Array.from({ length }, (_, i): NativeHistogram | null => {
      const text = texts[order ? order[i] : i];
      return text === null ? null : histogramFromJson(text);
    });
    return { labels, timesMs, values, histograms };
  }

  private setValue(at: number, value: number, special: number): void {
    if (special === SPECIAL.stale) bits(this.values)[at] = bits(STALE)[0];
    else this.values[at] = special === SPECIAL.negativeZero ? -0 : value;
  }

  private order(): Uint32Array {
    const { times } = this;
    const all = Uint32Array.from({ length: this.count }, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
    return all.filter((at, i) => i + 1 === all.length || times[all[i + 1]] !== times[at]);
  }

  private grow(): void {
    const grown = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const bigger = new Float64Array(old.length * 2);
      bits(bigger).set(bits(old));
      return bigger;
    };
    this.times = grown(this.times);
    this.values = grown(this.values);
  }
}

function bits(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.buffer, values.byteOffset, values.length);
}
