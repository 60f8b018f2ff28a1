import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { SampleBuffer } from '../chunk/sample-buffer.js';

const PAGE_BITS = 14;
const PAGE = 1 << PAGE_BITS;
const IN_PAGE = PAGE - 1;
const BYTES_PER_SAMPLE = 20;
const FIRST_SCRATCH = 64;

interface Page {
  readonly times: Float64Array;
  /** Values as pairs of words (low, high). */
  readonly words: Uint32Array;
  /** Index of the sample of the same series before; -1 for none. */
  readonly before: Int32Array;
}

/**
 * Samples in the order of arrival, in columns. Those of one series are linked, the last one first:
 *
 *     sample 7 (series A) → 3 → 0        sample 6 (series B) → 5
 */
export class SampleLog {
  length = 0;
  private readonly pages: Page[] = [];
  private readonly histograms = new Map<number, NativeHistogram>();
  /** Samples that are being read, the last one first: their indexes, times and values. */
  private scratch = new Int32Array(FIRST_SCRATCH);
  private scratchTimes = new Float64Array(FIRST_SCRATCH);
  private scratchWords = new Uint32Array(2 * FIRST_SCRATCH);

  get bytes(): number {
    return this.length * BYTES_PER_SAMPLE + this.histograms.size * 500;
  }

  /** Answers the sample's index. */
  add(before: number, timeMs: number, low: number, high: number, histogram: NativeHistogram | null): number {
    const at = this.length++;
    const slot = at & IN_PAGE;
    if (slot === 0) this.pages.push({ times: new Float64Array(PAGE), words: new Uint32Array(2 * PAGE), before: new Int32Array(PAGE) });
    const { times, words, before: links } = this.pages[at >>> PAGE_BITS];
    times[slot] = timeMs;
    words[2 * slot] = low;
    words[2 * slot + 1] = high;
    links[slot] = before;
    if (histogram !== null) this.histograms.set(at, histogram);
    return at;
  }

  time(at: number): number {
    return this.pages[at >>> PAGE_BITS].times[at & IN_PAGE];
  }

  before(at: number): number {
    return this.pages[at >>> PAGE_BITS].before[at & IN_PAGE];
  }

  low(at: number): number {
    return this.pages[at >>> PAGE_BITS].words[2 * (at & IN_PAGE)];
  }

  high(at: number): number {
    return this.pages[at >>> PAGE_BITS].words[2 * (at & IN_PAGE) + 1];
  }

  histogram(at: number): NativeHistogram | null {
    return this.histograms.size === 0 ? null : (this.histograms.get(at) ?? null);
  }

  /** Whether one of the samples linked from `last` on is between the times, both inclusive. */
  has(last: number, startMs: number, endMs: number): boolean {
    for (let at = last; at >= 0; at = this.before(at)) {
      const timeMs = this.time(at);
      if (timeMs >= startMs && timeMs <= endMs) return true;
    }
    return false;
  }

  /** Adds the samples linked from `last` on, in the order of arrival, that are between the times. */
  read(last: number, startMs: number, endMs: number, out: SampleBuffer): void {
    const { pages } = this;
    // Noted from the last one on, then turned over: pages are far apart in memory, and are looked at once.
    let { scratch, scratchTimes, scratchWords } = this;
    let found = 0;
    for (let at = last; at >= 0; ) {
      const { times, words, before } = pages[at >>> PAGE_BITS];
      const slot = at & IN_PAGE;
      const timeMs = times[slot];
      if (timeMs >= startMs && timeMs <= endMs) {
        if (found === scratch.length) ({ scratch, scratchTimes, scratchWords } = this.grow());
        scratch[found] = at;
        scratchTimes[found] = timeMs;
        scratchWords[2 * found] = words[2 * slot];
        scratchWords[2 * found + 1] = words[2 * slot + 1];
        found++;
      }
      at = before[slot];
    }
    out.reserve(found);
    const { times, words } = out;
    for (let i = found - 1, to = out.length; i >= 0; i--, to++) {
      times[to] = scratchTimes[i];
      words[2 * to] = scratchWords[2 * i];
      words[2 * to + 1] = scratchWords[2 * i + 1];
    }
    if (this.histograms.size > 0 || out.histograms !== null) this.readHistograms(found, out);
    out.added(found);
  }

  private grow(): this {
    const slots = this.scratch.length * 2;
    const scratch = new Int32Array(slots);
    const times = new Float64Array(slots);
    const words = new Uint32Array(slots * 2);
    scratch.set(this.scratch);
    times.set(this.scratchTimes);
    words.set(this.scratchWords);
    this.scratch = scratch;
    this.scratchTimes = times;
    this.scratchWords = words;
    return this;
  }

  /** Those of the samples in `scratch`, which are about to stand behind the others. */
  private readHistograms(found: number, out: SampleBuffer): void {
    let some = out.histograms !== null;
    for (let i = 0; i < found && !some; i++) some = this.histograms.has(this.scratch[i]);
    if (!some) return;
    const all = out.histogramsUpTo(out.length);
    for (let i = found - 1; i >= 0; i--) all.push(this.histogram(this.scratch[i]));
  }
}
