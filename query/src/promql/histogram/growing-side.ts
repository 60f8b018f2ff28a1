import type { Side } from './buckets.js';
import { NO_BUCKETS } from './buckets.js';

/** Room for buckets that others bring. */
const SPARE = 8;

/**
 * One side of a sum of histograms: buckets by ascending index, each count with what rounding took from it (Neumaier, as in KahanSum).
 * The arrays are longer than what is in them and are used again; buckets that are added go where they belong without a copy of the side.
 */
export class GrowingSide {
  offsets: Int32Array;
  counts: Float64Array;
  lost: Float64Array;
  length: number;

  constructor({ offsets, counts }: Side) {
    const { length } = offsets;
    this.length = length;
    if (length === 0) {
      this.offsets = NO_BUCKETS.offsets;
      this.counts = this.lost = NO_BUCKETS.counts;
      return;
    }
    this.offsets = new Int32Array(length + SPARE);
    this.counts = new Float64Array(length + SPARE);
    this.lost = new Float64Array(length + SPARE);
    for (let i = 0; i < length; i++) {
      this.offsets[i] = offsets[i] as number;
      this.counts[i] = counts[i] as number;
    }
  }

  /** Adds `factor` times the counts of other buckets, from the one at `from` on. */
  add({ offsets, counts }: Side, from: number, factor: number): void {
    if (from >= offsets.length) return;
    this.makeRoom(offsets, from);
    const own = this.offsets;
    let at = 0;
    for (let i = from; i < offsets.length; i++) {
      const index = offsets[i] as number;
      while ((own[at] as number) < index) at++;
      this.addAt(at, (counts[i] as number) * factor);
    }
  }

  /** Gives each bucket another index; they still ascend, and neighbours that have become equal are one. */
  reindex(indexOf: (index: number) => number): void {
    const { offsets, counts, lost, length } = this;
    let to = -1;
    for (let i = 0; i < length; i++) {
      const index = indexOf(offsets[i] as number);
      const [count, less] = [counts[i] as number, lost[i] as number];
      if (to < 0 || offsets[to] !== index) {
        offsets[++to] = index;
        counts[to] = 0;
        lost[to] = 0;
      }
      this.addAt(to, count);
      this.addAt(to, less);
    }
    this.length = to + 1;
  }

  /** Leaves out the first buckets. */
  dropFirst(count: number): void {
    this.offsets.copyWithin(0, count, this.length);
    this.counts.copyWithin(0, count, this.length);
    this.lost.copyWithin(0, count, this.length);
    this.length -= count;
  }

  scale(factor: number): void {
    for (let i = 0; i < this.length; i++) {
      this.counts[i] = (this.counts[i] as number) * factor;
      this.lost[i] = (this.lost[i] as number) * factor;
    }
  }

  /** The counts divided by `divisor`, without empty buckets. */
  value(divisor: number): Side {
    const { offsets, counts, lost, length } = this;
    if (length === 0) return NO_BUCKETS;
    const settled = new Float64Array(length);
    let filled = 0;
    for (let i = 0; i < length; i++) {
      const count = (counts[i] as number) / divisor + (lost[i] as number) / divisor;
      settled[i] = count;
      if (count !== 0) filled++;
    }
    const found = { offsets: new Int32Array(filled), counts: filled === length ? settled : new Float64Array(filled) };
    for (let i = 0, to = 0; i < length; i++) {
      if (settled[i] === 0) continue;
      found.offsets[to] = offsets[i] as number;
      found.counts[to++] = settled[i] as number;
    }
    return found;
  }

  /** The same as it is, for who looks at it before it is changed again. */
  get view(): Side {
    return { offsets: this.offsets.subarray(0, this.length), counts: this.counts.subarray(0, this.length) };
  }

  private addAt(at: number, value: number): void {
    const sum = this.counts[at] as number;
    const total = sum + value;
    if (total === Infinity || total === -Infinity) this.lost[at] = 0;
    else this.lost[at] = (this.lost[at] as number) + (Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum);
    this.counts[at] = total;
  }

  /** Empty buckets where there are none yet of others, which are looked at from `from` on. */
  private makeRoom(more: Int32Array, from: number): void {
    const missing = this.missing(more, from);
    if (missing === 0) return;
    const length = this.length + missing;
    if (length > this.offsets.length) this.grow(length + SPARE);
    const { offsets, counts, lost } = this;
    // From the back, so that what is there moves once.
    let own = this.length - 1;
    let other = more.length - 1;
    for (let to = length - 1; to > own; to--) {
      const index = more[other] as number;
      if (own >= 0 && (offsets[own] as number) >= index) {
        if (offsets[own] === index) other--;
        offsets[to] = offsets[own] as number;
        counts[to] = counts[own] as number;
        lost[to] = lost[own--] as number;
      } else {
        offsets[to] = index;
        counts[to] = 0;
        lost[to] = 0;
        other--;
      }
    }
    this.length = length;
  }

  private missing(more: Int32Array, from: number): number {
    const { offsets, length } = this;
    let missing = 0;
    let at = 0;
    for (let i = from; i < more.length; i++) {
      const index = more[i] as number;
      while (at < length && (offsets[at] as number) < index) at++;
      if (at === length || offsets[at] !== index) missing++;
    }
    return missing;
  }

  private grow(room: number): void {
    const { offsets, counts, lost, length } = this;
    this.offsets = new Int32Array(room);
    this.counts = new Float64Array(room);
    this.lost = new Float64Array(room);
    for (let i = 0; i < length; i++) {
      this.offsets[i] = offsets[i] as number;
      this.counts[i] = counts[i] as number;
      this.lost[i] = lost[i] as number;
    }
  }
}
