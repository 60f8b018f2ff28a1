import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Side } from '../buckets.js';
import { NO_BUCKETS, sameBounds, upperBound, usesCustomBuckets } from '../buckets.js';
import { wasReset } from '../compare.js';

/** Cells of a row before its buckets. */
const COUNT = 0;
const SUM = 1;
const ZERO = 2;
const BUCKETS = 3;
/** Where the histograms share so few buckets that rows would take so many times their memory, there are none. */
const MOST_PADDING = 4;
/** Counts that get memory at a time. */
const PAGE = 2048;

/**
 * The histograms of a counter that all have one layout, as rows of numbers over the same buckets. Windows of a range query overlap, so
 * that each histogram is looked at many times: what it takes to line up its buckets, and whether it was reset, is found out once.
 *
 *     row: count | sum | zero bucket | positive buckets by index | negative buckets by index
 */
export class HistogramRows {
  private readonly cells: Float64Array;
  /** 1 where the counter was reset since the row before. */
  private readonly resets: Uint8Array;
  private readonly sums: Float64Array;
  private readonly lost: Float64Array;
  private positive: Int32Array;
  private negative: Int32Array;
  private page = new Float64Array();
  private taken = 0;

  private constructor(private readonly histograms: readonly NativeHistogram[], private readonly offsets: { readonly positive: Int32Array; readonly negative: Int32Array }) {
    const width = BUCKETS + offsets.positive.length + offsets.negative.length;
    this.cells = new Float64Array(width * histograms.length);
    this.resets = new Uint8Array(histograms.length);
    this.sums = new Float64Array(width);
    this.lost = new Float64Array(width);
    this.positive = offsets.positive;
    this.negative = offsets.negative;
    for (let row = 0; row < histograms.length; row++) this.fill(row, row * width);
  }

  /** Null where the layouts differ, or some are no counters. */
  static of(histograms: readonly NativeHistogram[]): HistogramRows | null {
    const first = histograms[0];
    if (first === undefined) return null;
    for (const histogram of histograms) if (!fits(histogram, first)) return null;
    const offsets = { positive: unionOf(histograms.map(({ positive }) => positive)), negative: unionOf(histograms.map(({ negative }) => negative)) };
    const buckets = histograms.reduce((sum, { positive, negative }) => sum + BUCKETS + positive.offsets.length + negative.offsets.length, 0);
    const cells = (BUCKETS + offsets.positive.length + offsets.negative.length) * histograms.length;
    return cells > buckets * MOST_PADDING ? null : new HistogramRows(histograms, offsets);
  }

  /**
   * Sums up by how much the counter grew from row `from` to the one before `to`, of which there are two at least; answers by how many
   * observations. Each number is summed as HistogramSum does it.
   */
  sumIncrease(from: number, to: number): number {
    const { sums, lost, resets, cells } = this;
    const width = sums.length;
    const last = (to - 1) * width;
    for (let i = 0; i < width; i++) {
      sums[i] = cells[last + i] as number;
      lost[i] = 0;
    }
    // With a reset right after the first one nothing of it is in the last.
    if (resets[from + 1] === 0) this.add(from * width, -1);
    for (let row = from + 2; row < to; row++) if (resets[row] === 1) this.add((row - 1) * width, 1);
    return this.settled(COUNT);
  }

  /** What sumIncrease summed up, times `factor`. */
  increase(factor: number): NativeHistogram {
    const { schema, zeroThreshold, customBounds } = this.histograms[0] as NativeHistogram;
    const positive = this.side(this.offsets.positive, BUCKETS, this.positive, factor);
    const negative = this.side(this.offsets.negative, BUCKETS + this.offsets.positive.length, this.negative, factor);
    this.positive = positive.offsets;
    this.negative = negative.offsets;
    return {
      schema, zeroThreshold, zeroCount: this.settled(ZERO) * factor, count: this.settled(COUNT) * factor, sum: this.settled(SUM) * factor,
      positive, negative, customBounds, counterReset: 'gauge',
    };
  }

  private fill(row: number, at: number): void {
    const histogram = this.histograms[row] as NativeHistogram;
    const { cells, offsets } = this;
    cells[at + COUNT] = histogram.count;
    cells[at + SUM] = histogram.sum;
    cells[at + ZERO] = histogram.zeroCount;
    fillSide(cells, at + BUCKETS, offsets.positive, histogram.positive);
    fillSide(cells, at + BUCKETS + offsets.positive.length, offsets.negative, histogram.negative);
    const before = this.histograms[row - 1];
    if (before !== undefined && wasReset(histogram, before)) this.resets[row] = 1;
  }

  /** Neumaier's summation, as in KahanSum. */
  private add(at: number, factor: number): void {
    const { sums, lost, cells } = this;
    for (let i = 0; i < sums.length; i++) {
      const sum = sums[i] as number;
      const value = (cells[at + i] as number) * factor;
      const total = sum + value;
      if (total === Infinity || total === -Infinity) lost[i] = 0;
      else lost[i] = (lost[i] as number) + (Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum);
      sums[i] = total;
    }
  }

  private settled(cell: number): number {
    return (this.sums[cell] as number) + (this.lost[cell] as number);
  }

  /** An empty bucket stays one, whatever the factor is. */
  private scaled(cell: number, factor: number): number {
    const settled = this.settled(cell);
    return settled === 0 ? 0 : settled * factor;
  }

  /** Buckets that are not empty; `known` is their list where it is the same as the one before, which it mostly is. */
  private side(offsets: Int32Array, first: number, known: Int32Array, factor: number): Side {
    if (offsets.length === 0) return NO_BUCKETS;
    const page = this.room(offsets.length);
    const from = this.taken;
    let filled = 0;
    let same = true;
    for (let i = 0; i < offsets.length; i++) {
      const count = this.scaled(first + i, factor);
      if (count === 0) continue;
      if (known[filled] !== offsets[i]) same = false;
      page[from + filled++] = count;
    }
    this.taken += filled;
    const counts = page.subarray(from, from + filled);
    return { offsets: same && known.length === filled ? known : this.filledOf(offsets, first, filled, factor), counts };
  }

  private filledOf(offsets: Int32Array, first: number, count: number, factor: number): Int32Array {
    const filled = new Int32Array(count);
    for (let i = 0, to = 0; i < offsets.length; i++) if (this.scaled(first + i, factor) !== 0) filled[to++] = offsets[i] as number;
    return filled;
  }

  /** Many results share a page: a small array of doubles costs more than what is in it. */
  private room(counts: number): Float64Array {
    if (this.taken + counts > this.page.length) {
      this.page = new Float64Array(Math.max(PAGE, counts));
      this.taken = 0;
    }
    return this.page;
  }
}

function fits(histogram: NativeHistogram, first: NativeHistogram): boolean {
  const { schema, zeroThreshold, zeroCount, customBounds, counterReset, positive, negative } = histogram;
  if (schema !== first.schema || zeroThreshold !== first.zeroThreshold || counterReset === 'gauge') return false;
  // Custom buckets have neither; what says so all the same is for those who look at each part.
  if (usesCustomBuckets(first)) return zeroCount === 0 && negative.offsets.length === 0 && sameBounds(customBounds, first.customBounds);
  // Buckets within the zero bucket are not lined up but counted there.
  return ![positive, negative].some(({ offsets }) => offsets.length > 0 && upperBound(histogram, offsets[0] as number) <= zeroThreshold);
}

/** All indexes that one of the sides has, ascending. */
function unionOf(sides: readonly Side[]): Int32Array {
  let all = new Int32Array();
  for (const { offsets } of sides) {
    let at = 0;
    let missing = false;
    for (let i = 0; i < offsets.length && !missing; i++) {
      while (at < all.length && (all[at] as number) < (offsets[i] as number)) at++;
      missing = all[at] !== offsets[i];
    }
    if (missing) all = Int32Array.from(new Set([...all, ...offsets])).sort();
  }
  return all;
}

function fillSide(cells: Float64Array, at: number, all: Int32Array, { offsets, counts }: Side): void {
  let to = 0;
  for (let i = 0; i < offsets.length; i++) {
    while ((all[to] as number) < (offsets[i] as number)) to++;
    cells[at + to] = counts[i] as number;
  }
}
