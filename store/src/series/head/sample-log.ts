import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { SampleBuffer } from '../chunk/sample-buffer.js';

const PAGE_BITS = 14;
const PAGE = 1 << PAGE_BITS;
const IN_PAGE = PAGE - 1;
const BYTES_PER_SAMPLE = 20;

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
  private readonly scratch: number[] = [];

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
    let found = 0;
    for (let at = last; at >= 0; ) {
      const { times, before } = pages[at >>> PAGE_BITS];
      const slot = at & IN_PAGE;
      const timeMs = times[slot];
      if (timeMs >= startMs && timeMs <= endMs) this.scratch[found++] = at;
      at = before[slot];
    }
    out.reserve(found);
    const first = out.length;
    const { times, words } = out;
    for (let i = found - 1, to = first; i >= 0; i--, to++) {
      const at = this.scratch[i];
      const page = pages[at >>> PAGE_BITS];
      const slot = at & IN_PAGE;
      times[to] = page.times[slot];
      words[2 * to] = page.words[2 * slot];
      words[2 * to + 1] = page.words[2 * slot + 1];
    }
    if (this.histograms.size > 0 || out.histograms !== null) this.readHistograms(found, out);
    out.added(found);
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
