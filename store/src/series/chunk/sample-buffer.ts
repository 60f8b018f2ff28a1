import type { NativeHistogram } from '@signalbox/signals/prometheus/types';

const FIRST_SLOTS = 16;

/**
 * Samples of one series while they are put together. Values are kept as their bits too (`words`, pairs of low and high),
 * since copying a number may change the bits of a NaN.
 */
export class SampleBuffer {
  times: Float64Array;
  values: Float64Array;
  words: Uint32Array;
  /** As long as there are samples, once there was a histogram. */
  histograms: (NativeHistogram | null)[] | null = null;
  length = 0;
  /** Whether times ascend. */
  sorted = true;

  constructor(slots = FIRST_SLOTS) {
    this.times = new Float64Array(slots);
    this.values = new Float64Array(slots);
    this.words = new Uint32Array(this.values.buffer);
  }

  clear(): void {
    this.length = 0;
    this.histograms = null;
    this.sorted = true;
  }

  reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted <= this.times.length) return;
    const slots = Math.max(wanted, this.times.length * 2);
    const times = new Float64Array(slots);
    times.set(this.times.subarray(0, this.length));
    const values = new Float64Array(slots);
    const words = new Uint32Array(values.buffer);
    words.set(this.words.subarray(0, this.length * 2));
    this.times = times;
    this.values = values;
    this.words = words;
  }

  add(timeMs: number, low: number, high: number, histogram: NativeHistogram | null): void {
    this.reserve(1);
    const at = this.length;
    this.times[at] = timeMs;
    this.words[2 * at] = low;
    this.words[2 * at + 1] = high;
    this.added(1);
    if (histogram !== null) this.histogramsUpTo(at)[at] = histogram;
    else if (this.histograms !== null) this.histograms[at] = null;
  }

  /** The histograms, with nothing for the samples before `at`. */
  histogramsUpTo(at: number): (NativeHistogram | null)[] {
    this.histograms ??= [];
    while (this.histograms.length < at) this.histograms.push(null);
    return this.histograms;
  }

  /** Takes `count` samples that were written behind the end. */
  added(count: number): void {
    const { times, length } = this;
    const end = length + count;
    this.length = end;
    if (this.sorted) {
      for (let i = Math.max(1, length); i < end; i++) {
        if (times[i] <= times[i - 1]) {
          this.sorted = false;
          break;
        }
      }
    }
  }

  /** Ascending times, each once: of several samples of one time the first one stands, as it came first. */
  settle(): void {
    if (this.sorted) return;
    const { times, words, histograms, length } = this;
    const order = Uint32Array.from({ length }, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
    const settled = new SampleBuffer(length);
    let last = NaN;
    for (const at of order) {
      if (times[at] === last) continue;
      last = times[at];
      settled.add(last, words[2 * at], words[2 * at + 1], histograms?.[at] ?? null);
    }
    this.times = settled.times;
    this.values = settled.values;
    this.words = settled.words;
    this.length = settled.length;
    this.histograms = settled.histograms;
    this.histogramsLength();
    this.sorted = true;
  }

  private histogramsLength(): void {
    if (this.histograms !== null) this.histogramsUpTo(this.length);
  }
}
