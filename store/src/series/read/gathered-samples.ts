import type { Series } from '@signalbox/query/readers';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { Uint32List } from '../lists.js';
import { GatheredSeries } from './gathered-series.js';
import { type Page, PAGE_SAMPLES, SamplePages } from './sample-pages.js';

const FIRST_PAGE = 512;
const NONE = 0;
/** Room is kept for so many times the samples that a series has, at most. */
const MOST_GROWTH = 16;

/**
 * Samples of many series while they are put together from one source after the other. What a source has of a series is a segment of a
 * page; a query of 100,000 series makes no object for each of them until the end, when there are two views. Behind what the first source
 * has, room is kept for what the series will have by then if it goes on as it did: mostly all of a series is one segment in the end.
 *
 *     series 3: segment 5 → 9        segment: page, from, count, room, next
 */
export class GatheredSamples {
  private readonly pages: Page[] = [];
  private taken = 0;
  /** Segments by series, + 1. */
  private readonly firsts = new Uint32List();
  private readonly lasts = new Uint32List();
  private readonly page = new Uint32List();
  private readonly from = new Uint32List();
  private readonly counts = new Uint32List();
  /** Slots that are a segment's, its samples among them. */
  private readonly rooms = new Uint32List();
  /** + 1. */
  private readonly next = new Uint32List();
  private readonly histograms = new Map<number, (NativeHistogram | null)[]>();
  private readonly joined = new SampleBuffer();

  /** `endMs`: up to when there will be samples, at most. */
  constructor(private readonly endMs = -Infinity, private readonly space = new SamplePages()) {}

  /** Series are numbered from 0 on. The samples are copied; their times ascend. */
  add(series: number, samples: SampleBuffer): void {
    while (series >= this.firsts.length) {
      this.firsts.push(NONE);
      this.lasts.push(NONE);
    }
    if (samples.length === 0 || this.continues(this.lasts.values[series], samples)) return;
    const segment = this.store(samples, this.expected(samples)) + 1;
    if (this.firsts.values[series] === NONE) this.firsts.values[series] = segment;
    else this.next.values[this.lasts.values[series] - 1] = segment;
    this.lasts.values[series] = segment;
  }

  /** All of a series, each time once: of several samples of one time the one that was added first. Null where it has none. */
  take(series: number, labels: Labels): Series | null {
    if (series >= this.firsts.length) return null;
    const first = this.firsts.values[series];
    if (first === NONE) return null;
    if (this.next.values[first - 1] === NONE) return this.view(first - 1, labels);
    const { joined } = this;
    joined.clear();
    for (let segment = first; segment !== NONE; segment = this.next.values[segment - 1]) this.append(segment - 1, joined);
    joined.settle();
    return this.view(this.store(joined, joined.length), labels);
  }

  /** Gives back the memory of all samples, which nobody may look at any more. */
  release(): void {
    this.space.give(this.pages);
  }

  /** Puts samples that are later than a segment's, and floats as they are, behind them; answers false where that cannot be. */
  private continues(segment: number, { times, words, histograms, length }: SampleBuffer): boolean {
    if (segment === NONE || histograms !== null || this.histograms.has(segment - 1)) return false;
    const count = this.counts.values[segment - 1];
    if (count + length > this.rooms.values[segment - 1]) return false;
    const page = this.pages[this.page.values[segment - 1]];
    const at = this.from.values[segment - 1] + count;
    if (times[0] <= page.times[at - 1]) return false;
    copyTo(page, at, times, words, length);
    this.counts.values[segment - 1] = count + length;
    return true;
  }

  /** How many samples a series will have that has these. */
  private expected({ times, length }: SampleBuffer): number {
    const spanMs = times[length - 1] - times[0];
    if (!(spanMs > 0) || this.endMs <= times[length - 1]) return length;
    const grown = Math.ceil(((this.endMs - times[0]) / spanMs) * (length - 1)) + 2;
    return Math.max(length, Math.min(grown, length * MOST_GROWTH));
  }

  private store({ times, words, histograms, length }: SampleBuffer, slots: number): number {
    const at = this.room(slots);
    copyTo(this.pages[this.pages.length - 1], at, times, words, length);
    const segment = this.page.length;
    this.rooms.push(slots);
    this.page.push(this.pages.length - 1);
    this.from.push(at);
    this.counts.push(length);
    this.next.push(NONE);
    if (histograms?.some((histogram) => histogram !== null) === true) this.histograms.set(segment, Array.from({ length }, (_, i) => histograms[i] ?? null));
    return segment;
  }

  /** Where in the last page there is room. */
  private room(slots: number): number {
    const last = this.pages.at(-1)?.times.length ?? 0;
    if (this.taken + slots > last) {
      this.pages.push(this.space.take(Math.max(slots, Math.min(PAGE_SAMPLES, Math.max(FIRST_PAGE, last * 2)))));
      this.taken = 0;
    }
    const at = this.taken;
    this.taken += slots;
    return at;
  }

  private append(segment: number, to: SampleBuffer): void {
    const page = this.pages[this.page.values[segment]];
    const from = this.from.values[segment];
    const count = this.counts.values[segment];
    const histograms = this.histograms.get(segment);
    to.reserve(count);
    const at = to.length;
    to.times.set(page.times.subarray(from, from + count), at);
    to.words.set(page.words.subarray(from * 2, (from + count) * 2), at * 2);
    if (histograms !== undefined || to.histograms !== null) {
      const all = to.histogramsUpTo(at);
      for (let i = 0; i < count; i++) all.push(histograms?.[i] ?? null);
    }
    to.added(count);
  }

  private view(segment: number, labels: Labels): Series {
    const page = this.pages[this.page.values[segment]];
    const from = this.from.values[segment];
    const to = from + this.counts.values[segment];
    return new GatheredSeries(labels, page, from, to, this.histograms.get(segment) ?? null);
  }
}

/** A few samples are copied faster one by one. */
const FEW = 32;

function copyTo(page: Page, at: number, times: Float64Array, words: Uint32Array, length: number): void {
  if (length > FEW) {
    page.times.set(times.subarray(0, length), at);
    page.words.set(words.subarray(0, length * 2), at * 2);
    return;
  }
  for (let i = 0; i < length; i++) page.times[at + i] = times[i];
  for (let i = 0; i < length * 2; i++) page.words[at * 2 + i] = words[i];
}
