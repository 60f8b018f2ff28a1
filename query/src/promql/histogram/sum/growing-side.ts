import type { Side } from '../buckets.js';
import { NO_BUCKETS } from '../buckets.js';

/** Room for buckets that others bring. */
const SPARE = 8;

/**
 * One side of a sum of histograms: buckets by ascending index, each count with what rounding took from it (Neumaier, as in KahanSum).
 * The arrays are longer than what is in them and are used again; buckets that are added go where they belong without a copy of the side.
 *
 *     sums: count, lost, count, lost…, a pair for each index in offsets
 */
export class GrowingSide {
  offsets: Int32Array = NO_BUCKETS.offsets;
  private sums: Float64Array = NO_BUCKETS.counts;
  length = 0;
  /** The buckets that it began with. */
  private first: Int32Array = NO_BUCKETS.offsets;

  constructor(side: Side) {
    this.begin(side);
  }

  /** Forgets what it holds and takes these buckets. */
  begin({ offsets, counts }: Side): void {
    const { length } = offsets;
    this.length = length;
    this.first = offsets;
    if (length > this.offsets.length) {
      this.offsets = new Int32Array(length + SPARE);
      this.sums = new Float64Array(2 * (length + SPARE));
    }
    const { offsets: own, sums } = this;
    for (let i = 0; i < length; i++) {
      own[i] = offsets[i] as number;
      sums[2 * i] = counts[i] as number;
      sums[2 * i + 1] = 0;
    }
  }

  countAt(at: number): number {
    return this.sums[2 * at] as number;
  }

  lostAt(at: number): number {
    return this.sums[2 * at + 1] as number;
  }

  /** The greatest size of a count; NaN where one is none. */
  get greatest(): number {
    let found = 0;
    for (let i = 0; i < this.length; i++) found = Math.max(found, Math.abs(this.countAt(i)));
    return found;
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
    const { offsets, sums, length } = this;
    let to = -1;
    for (let i = 0; i < length; i++) {
      const index = indexOf(offsets[i] as number);
      const count = sums[2 * i] as number;
      const less = sums[2 * i + 1] as number;
      if (to < 0 || offsets[to] !== index) {
        offsets[++to] = index;
        sums[2 * to] = 0;
        sums[2 * to + 1] = 0;
      }
      this.addAt(to, count);
      this.addAt(to, less);
    }
    this.length = to + 1;
  }

  /** Leaves out the first buckets. */
  dropFirst(count: number): void {
    this.offsets.copyWithin(0, count, this.length);
    this.sums.copyWithin(0, 2 * count, 2 * this.length);
    this.length -= count;
  }

  scale(factor: number): void {
    const { sums } = this;
    for (let i = 0; i < 2 * this.length; i++) sums[i] = (sums[i] as number) * factor;
  }

  /** The counts divided by `divisor`, without empty buckets. Where they are those that it began with, so is their list. */
  value(divisor: number): Side {
    const { offsets, sums, length, first } = this;
    if (length === 0) return NO_BUCKETS;
    const settled = new Float64Array(length);
    let filled = 0;
    let same = length === first.length;
    for (let i = 0; i < length; i++) {
      const count = (sums[2 * i] as number) / divisor + (sums[2 * i + 1] as number) / divisor;
      settled[i] = count;
      if (count !== 0) filled++;
      if (offsets[i] !== first[i]) same = false;
    }
    if (filled === length) return { offsets: same ? first : offsets.slice(0, length), counts: settled };
    const found = { offsets: new Int32Array(filled), counts: new Float64Array(filled) };
    for (let i = 0, to = 0; i < length; i++) {
      if (settled[i] === 0) continue;
      found.offsets[to] = offsets[i] as number;
      found.counts[to++] = settled[i] as number;
    }
    return found;
  }

  /** A copy of it as it is, without what rounding took. */
  get view(): Side {
    const counts = new Float64Array(this.length);
    for (let i = 0; i < counts.length; i++) counts[i] = this.countAt(i);
    return { offsets: this.offsets.slice(0, this.length), counts };
  }

  private addAt(at: number, value: number): void {
    const { sums } = this;
    const sum = sums[2 * at] as number;
    const total = sum + value;
    if (total === Infinity || total === -Infinity) sums[2 * at + 1] = 0;
    else sums[2 * at + 1] = (sums[2 * at + 1] as number) + (Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum);
    sums[2 * at] = total;
  }

  /** Empty buckets where there are none yet of others, which are looked at from `from` on. */
  private makeRoom(more: Int32Array, from: number): void {
    const missing = this.missing(more, from);
    if (missing === 0) return;
    const length = this.length + missing;
    if (length > this.offsets.length) this.grow(length + SPARE);
    const { offsets, sums } = this;
    // From the back, so that what is there moves once.
    let own = this.length - 1;
    let other = more.length - 1;
    for (let to = length - 1; to > own; to--) {
      const index = more[other] as number;
      if (own >= 0 && (offsets[own] as number) >= index) {
        if (offsets[own] === index) other--;
        offsets[to] = offsets[own] as number;
        sums[2 * to] = sums[2 * own] as number;
        sums[2 * to + 1] = sums[2 * own-- + 1] as number;
      } else {
        offsets[to] = index;
        sums[2 * to] = 0;
        sums[2 * to + 1] = 0;
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
    const { offsets, sums, length } = this;
    this.offsets = new Int32Array(room);
    this.sums = new Float64Array(2 * room);
    for (let i = 0; i < length; i++) this.offsets[i] = offsets[i] as number;
    for (let i = 0; i < 2 * length; i++) this.sums[i] = sums[i] as number;
  }
}
